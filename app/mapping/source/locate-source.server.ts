import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import { cutPath } from "./cut-path.server.ts";

/** Pages whose path holds a key to someone's order, cart, account or gift card. */
const PRIVATE_SEGMENTS =
  /(^|\/)(account|orders|checkouts?|cart|invoices|gift_cards|customer_authentication)(\/|$)/i;
const MAX_PATH = 1_000;

/**
 * Builds `event_source_url`: the shop's domain and the path on which the shopper's session began,
 * without its query and without parts that identify a person. `order_status_url` and
 * `abandoned_checkout_url` are not used: they hold access keys.
 */
export function locateSource(policy: ShopPolicy, landingSite: string | null): string {
  const origin = `https://${policy.primaryDomain ?? policy.shopDomain}`;
  const path = landingSite === null ? null : (readLanding(landingSite)?.pathname ?? null);
  const isUsable = path !== null && path.length <= MAX_PATH && !PRIVATE_SEGMENTS.test(path);
  return isUsable ? origin + cutPath(path) : origin;
}

let lastRead: { landingSite: string; address: Readonly<URL> | null } | undefined;

/**
 * Shopify writes a path; some apps write a whole address. The last one is cached: each order's is
 * needed twice.
 */
export function readLanding(landingSite: string): Readonly<URL> | null {
  if (lastRead?.landingSite !== landingSite) {
    lastRead = { landingSite, address: URL.parse(landingSite, "https://shop.invalid") };
  }
  return lastRead.address;
}
