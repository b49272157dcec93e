import { z } from "zod";
import { cleanText } from "#app/events/clean-text.ts";
import type { StoreCustomer } from "#app/events/store-event.ts";
import { dateTime, readId, toSeconds } from "./read-fields.server.ts";
import { CUSTOMER_FIELDS, readShopper } from "./read-shopper.server.ts";

export const customerBody = z.object({ ...CUSTOMER_FIELDS, created_at: dateTime });

export function readCustomer(body: z.infer<typeof customerBody>): StoreCustomer | null {
  const id = readId(body.id, body.admin_graphql_api_id);
  if (id === null) return null;
  const EMPTY_SHOPPER = {
    email: null,
    contactEmail: null,
    phone: null,
    billing: null,
    shipping: null,
  };
  return {
    id,
    createdAtSeconds: toSeconds(body.created_at),
    state: cleanText(body.state, 100),
    shopper: readShopper({ ...EMPTY_SHOPPER, customer: body }),
  };
}
