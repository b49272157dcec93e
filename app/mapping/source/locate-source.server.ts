import { leftOut, type NoteText } from "#app/events/event-detail/event-notes.ts";
import type { Basket } from "#app/events/store-event.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";

/** Pages whose path holds a key to someone's order, cart, account or gift card. */
const PRIVATE_SEGMENTS =
  /(^|\/)(account|orders|checkouts?|cart|invoices|gift_cards|customer_authentication)(\/|$)/i;
const MAX_PATH = 1_000;
/** Base64 of what Pinterest hands out; anything else was not written by Pinterest. */
export const CLICK_ID = /^[\x21-\x7e]{1,1000}$/;

/**
 * `event_source_url`: the shop's domain and the path on which the shopper's session began, never
 * its query. `order_status_url` and `abandoned_checkout_url` are not used: they hold access keys.
 */
export function locateSource(policy: ShopPolicy, landingSite: string | null): string {
  const origin = `https://${policy.primaryDomain ?? policy.shopDomain}`;
  const path = landingSite === null ? null : (readLanding(landingSite)?.pathname ?? null);
  const isUsable = path !== null && path.length <= MAX_PATH && !PRIVATE_SEGMENTS.test(path);
  return isUsable ? origin + path : origin;
}

/** Pinterest's click id: from the landing page's address, else as the theme noted it in the cart. */
export function findClickId({
  landingSite,
  notedClickId,
  isReread,
}: Pick<Basket, "landingSite" | "notedClickId" | "isReread">): {
  clickId: string | null;
  note: NoteText;
} {
  const landed = landingSite === null ? null : readLanding(landingSite)?.searchParams.get("epik");
  if (landed && CLICK_ID.test(landed)) return { clickId: landed, note: "landing" };
  if (notedClickId && CLICK_ID.test(notedClickId)) return { clickId: notedClickId, note: "cart" };
  if (landed || notedClickId) return { clickId: null, note: leftOut("unusable") };
  return { clickId: null, note: leftOut(isReread ? "reread" : "absent") };
}

/** Shopify writes a path; some apps write a whole address. */
function readLanding(landingSite: string): URL | null {
  return URL.parse(landingSite, "https://shop.invalid");
}
