import { z } from "zod";
import { cleanText, meaningfulText } from "#app/events/clean-text.ts";
import type { StoreOrder } from "#app/events/store-event.ts";
import { BASKET_FIELDS, readBasket, readToken } from "./read-basket.server.ts";
import {
  amount,
  amountSet,
  isPresent,
  optionalDateTime,
  optionalFlag,
  optionalId,
  optionalObject,
  optionalText,
  presentObject,
  readAmount,
  readId,
  toSeconds,
} from "./read-fields.server.ts";

/** The fields that we read of an order resource (Admin REST, API 2026-07); all others are ignored. */
export const orderBody = z.object({
  ...BASKET_FIELDS,
  current_subtotal_price: amount,
  current_subtotal_price_set: amountSet,
  current_total_price: amount,
  current_total_price_set: amountSet,
  id: optionalId,
  admin_graphql_api_id: optionalText,
  name: optionalText,
  processed_at: optionalDateTime,
  created_at: optionalDateTime,
  cancelled_at: optionalText,
  test: optionalFlag,
  user_id: optionalId,
  checkout_token: optionalText,
  browser_ip: optionalText,
  client_details: optionalObject({ browser_ip: optionalText, user_agent: optionalText }),
});

/**
 * Returns the order, or what it lacks. An import's `processed_at` lies in the past; it is when the
 * sale was.
 */
export function readOrder(body: z.infer<typeof orderBody>): StoreOrder | string {
  const id = readId(body.id, body.admin_graphql_api_id);
  if (id === null) return "id: expected a whole number above 0";
  const happenedAt = body.processed_at || body.created_at;
  if (!happenedAt) return "processed_at: expected a date and time with its offset";
  const readLeft = (name: "current_subtotal_price" | "current_total_price") =>
    isPresent(body[name])
      ? readAmount(body[name], body[`${name}_set`], body.presentment_currency || null)
      : null;
  const client = presentObject(body.client_details);
  return {
    ...readBasket(body, toSeconds(happenedAt)),
    id,
    checkoutToken: readToken(body.checkout_token),
    subtotalLeft: readLeft("current_subtotal_price"),
    totalLeft: readLeft("current_total_price"),
    name: cleanText(body.name, 100),
    isTest: body.test === true,
    isCancelled: Boolean(body.cancelled_at),
    isMadeByStaff: Boolean(body.user_id),
    browser: {
      ip: cleanText(client?.browser_ip || body.browser_ip, 100),
      userAgent: meaningfulText(client?.user_agent, 2_000),
    },
  };
}
