import { z } from "zod";
import type { Shopper } from "#app/events/store-event.ts";
import { type Asked, askShopify, type ShopAdmin } from "#app/shopify/ask-shopify.server.ts";
import { CUSTOMER, customerNode, readShopper } from "#app/shopify/shopify-shopper.server.ts";

export interface FoundCustomer {
  shopper: Shopper;
  isSaleOptedOut: boolean;
}

const QUERY = `query FlowCustomer($id: ID!) { customer(id: $id) ${CUSTOMER} }`;

const answer = z.object({ data: z.object({ customer: customerNode.nullable() }) });

const NO_ORDER = { email: null, phone: null, billing: null, shipping: null };

export async function findCustomer(
  admin: ShopAdmin,
  id: string,
  signal: AbortSignal,
): Promise<Asked<FoundCustomer>> {
  const variables = { id: `gid://shopify/Customer/${id}` };
  const asked = await askShopify(admin, QUERY, variables, signal);
  if (!asked.ok) return asked;
  const { customer } = answer.parse(asked.found).data;
  if (customer === null) return { ok: false, failure: "not_found" };
  const shopper = readShopper({ ...NO_ORDER, customer });
  return { ok: true, found: { shopper, isSaleOptedOut: customer.dataSaleOptOut } };
}
