import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import type { StoreCheckout } from "#app/events/store-event.ts";
import { BASKET_FIELDS, readBasket, TOKEN } from "./read-basket.server.ts";
import { dateTime, toSeconds } from "./read-fields.server.ts";

/** The fields that we read of a checkout (API 2026-04 and newer have no `id`, only a token). */
export const checkoutBody = z.object({
  ...BASKET_FIELDS,
  token: boundedText(200, "expected 1 to 200 printable characters").regex(
    TOKEN,
    "expected 1 to 200 printable characters",
  ),
  created_at: dateTime,
});

export function readCheckout(body: z.infer<typeof checkoutBody>): StoreCheckout {
  const { token } = body;
  return { ...readBasket(body, toSeconds(body.created_at)), token, checkoutToken: token };
}
