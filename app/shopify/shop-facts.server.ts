import { z } from "zod";
import { type Country, readCountry } from "#app/events/country.ts";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";

/** The Admin API's facts about a shop. */
export interface ShopFacts {
  /** Host name that shoppers see. */
  primaryDomain: string;
  /** null: it did not say, or what it said is no country. */
  countryCode: Country | null;
  currency: string;
  /** IANA name. */
  timeZone: string;
}

const SHOP_FACTS = {
  text: `query ShopFacts {
    shop { primaryDomain { host } billingAddress { countryCodeV2 } currencyCode ianaTimezone }
  }`,
  data: z.object({
    shop: z.object({
      primaryDomain: z.object({ host: z.string() }),
      billingAddress: z.object({ countryCodeV2: z.string().nullable() }),
      currencyCode: z.string(),
      ianaTimezone: z.string(),
    }),
  }),
};

export async function fetchShopFacts(admin: ShopifyAdmin): Promise<ShopifyAnswer<ShopFacts>> {
  const asked = await askShopify(admin, SHOP_FACTS);
  if (!asked.ok) return asked;
  const { primaryDomain, billingAddress, currencyCode, ianaTimezone } = asked.found.shop;
  return {
    ok: true,
    found: {
      primaryDomain: primaryDomain.host,
      countryCode: readCountry(billingAddress.countryCodeV2),
      currency: currencyCode,
      timeZone: ianaTimezone,
    },
  };
}
