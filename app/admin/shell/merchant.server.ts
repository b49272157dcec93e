import type { AppLoadContext } from "@remix-run/server-runtime";
import type { Database } from "#app/platform/db.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { createFormatter, type Formatter } from "./formatter.server.ts";

/** Who asks for a page: a member of an installed shop's staff, and how they read. */
export interface Merchant {
  shop: MerchantShop;
  /** The audit log's name of the person: `user:548380009`. */
  actor: string;
  /** Shopify's id of the person. */
  userId: string;
  /** BCP 47. */
  locale: string;
  /** The shop's Admin API. */
  admin: ShopifyAdmin;
  /** Writes for this person, as of now. */
  format: Formatter;
}

export interface MerchantShop {
  id: bigint;
  domain: string;
  lane: number;
  settingsVersion: number;
  /** IANA name; UTC until the Admin API has told us. */
  timeZone: string;
  /** ISO 4217; USD until the Admin API has told us. */
  currency: string;
}

/** Set by the admin's own requests: only Shopify's first one has `locale` in its address. */
const LOCALE_HEADER = "X-Pinrelay-Locale";

/** Throws a Response: the library's where there is more to do, 403 for a shop that is not installed. */
export async function identifyMerchant(
  { db }: { db: Pick<Database, "pool"> },
  request: Request,
  signIn: AppLoadContext["signIn"],
): Promise<Merchant> {
  const { session, sessionToken, admin } = await signIn();
  const shop = await findShop({ db }, session.shop);
  if (shop?.state !== "installed") throw Response.json(null, { status: 403 });
  const timeZone = shop.timeZone ?? "UTC";
  const locale = parseLocale(request);
  return {
    shop: { ...shop, timeZone, currency: shop.currency ?? "USD" },
    actor: `user:${sessionToken.sub}`,
    userId: sessionToken.sub,
    locale,
    admin,
    format: createFormatter({ locale, timeZone, now: new Date() }),
  };
}

function parseLocale(request: Request): string {
  const given = new URL(request.url).searchParams.get("locale");
  return given ?? request.headers.get(LOCALE_HEADER) ?? "en-US";
}
