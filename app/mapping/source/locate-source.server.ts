import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import { cutPath } from "./cut-path.server.ts";

/** Pages whose path holds a key to someone's order, cart, account or gift card. */
const PRIVATE_SEGMENTS =
  /(^|\/)(account|orders|checkouts?|cart|invoices|gift_cards|customer_authentication)(\/|$)/i;
const MAX_PATH = 1_000;
const MAX_PAGE = 4_000;

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

/**
 * Builds `event_source_url` of the page that the shopper's browser was on; null for what is no page
 * of a shop. A checkout's path is cut before its token, and no query is kept: both open the
 * checkout. `own`: an address of the shop. Its host takes the place of one that is neither it, nor
 * below it, nor the shop's at Shopify: a browser may name any, and Pinterest shows merchants which
 * sites their events come from.
 */
export function locatePage(page: string, own: string, shopDomain: string): string | null {
  const address = page.length > MAX_PAGE ? null : URL.parse(page);
  if (address === null || address.protocol !== "https:") return null;
  if (address.username !== "" || address.password !== "") return null;
  const { host, pathname } = address;
  const secret = PRIVATE_SEGMENTS.exec(pathname);
  const path = secret === null ? pathname : pathname.slice(0, secret.index + secret[0].length);
  const isUsable = path.length <= MAX_PATH && path !== "/";
  const ownHost = URL.parse(own)?.host ?? "";
  const isOwn = host === shopDomain || `.${host}`.endsWith(`.${ownHost.replace(/^www\./, "")}`);
  return `https://${isOwn ? host : ownHost}${isUsable ? cutPath(path).replace(/\/$/, "") : ""}`;
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
