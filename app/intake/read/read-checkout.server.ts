import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import type { StoreCheckout } from "#app/events/store-event.ts";
import { BASKET_FIELDS, readBasket } from "./read-basket.server.ts";
import { dateTime, toSeconds } from "./read-fields.server.ts";

/** Printable, without spaces, and short enough for an event id of 256 characters. */
const TOKEN = /^[\x21-\x7e]{1,200}$/;

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
  return { ...readBasket(body, toSeconds(body.created_at)), token: body.token };
}

/** Reads the token of a webhook that may be faulty elsewhere. */
export function readToken(token: unknown): string | null {
  return typeof token === "string" && TOKEN.test(token) ? token : null;
}
