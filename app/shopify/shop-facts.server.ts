import { z } from "zod";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";

/** What the Admin API says of a shop. */
export interface ShopFacts {
  /** Host name that shoppers see. */
  primaryDomain: string;
  /** Two letters; null: it did not say. */
  countryCode: string | null;
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
      countryCode: billingAddress.countryCodeV2,
      currency: currencyCode,
      timeZone: ianaTimezone,
    },
  };
}
