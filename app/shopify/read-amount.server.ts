import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import type { Amount } from "#app/events/store-event.ts";

const money = z.object({
  amount: boundedText(100).regex(/^-?\d+(\.\d+)?$/),
  currencyCode: boundedText(3).regex(/^[A-Z]{3}$/),
});

export const MONEY_BAG =
  "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }";

export const moneyBag = z.object({ shopMoney: money, presentmentMoney: money });

/** An amount in both currencies, with as many places as the currency has. */
export function readAmount({ shopMoney, presentmentMoney }: z.infer<typeof moneyBag>): Amount {
  return { shop: withPlaces(shopMoney), presentment: withPlaces(presentmentMoney) };
}

/**
 * The Admin API writes 20 dollars as `20.0` and 1980 yen as `1980.0`; the store's webhooks, and with
 * them the same order's own event, write `20.00` and `1980`.
 */
function withPlaces({ amount, currencyCode: currency }: z.infer<typeof money>): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const places = format.resolvedOptions().maximumFractionDigits ?? 0;
  const [whole = "0", fraction = ""] = amount.split(".");
  const digits = fraction.replace(/0+$/, "").padEnd(places, "0");
  return digits === "" ? whole : `${whole}.${digits}`;
}
