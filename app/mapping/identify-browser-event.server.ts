import type { BrowserEvent } from "#app/events/browser-event.ts";
import { fingerprint } from "#app/mapping/person/hash-values.server.ts";
import { readLanding } from "#app/mapping/source/locate-source.server.ts";

/** A page that is loaded again within so long is one visit of it. */
const WINDOW_MS = 30_000;

/**
 * Identifies what a browser did, so that the same event is not stored twice. A checkout is known by
 * its token, whoever tells of it. A page is known by who looked and what at, in windows of 30
 * seconds: a reload comes with another id. Anything else happens as often as the browser gives it
 * an id.
 *
 * The window goes by the browser's own clock: a copy of a body that is sent later falls into the
 * window of the body itself.
 */
export function identifyBrowserEvent(event: BrowserEvent): string {
  switch (event.action.kind) {
    case "checkout_started":
    case "payment_info_submitted":
      return event.checkoutToken ?? `browser:${event.id}`;
    case "page_viewed":
    case "product_viewed":
      return pageKey(event, "");
    case "collection_viewed":
      return pageKey(event, event.action.collectionId ?? "");
    case "search_submitted":
      return pageKey(event, event.action.searchText);
    default:
      return `browser:${event.id}`;
  }
}

function pageKey({ id, evidence, browserMs }: BrowserEvent, subject: string): string {
  const { clientId, ip, userAgent, page } = evidence;
  const who = clientId ?? (ip === null ? id : `${ip}\n${userAgent}`);
  const address = page === null ? null : readLanding(page);
  const digest = fingerprint([who, address?.host, address?.pathname, subject].join("\n"));
  return pageSourceKey(digest, Math.floor(browserMs / WINDOW_MS));
}

function pageSourceKey(digest: string, window: number): string {
  return `page:${digest}:${window}`;
}

/**
 * Lists the keys that the same visit of a page may have: its own, and those of the windows beside
 * it, since a reload may fall on the other side of an edge. Empty for an event that is no page's.
 */
export function listPageKeys(sourceKey: string): string[] {
  const [kind, digest = "", window] = sourceKey.split(":");
  if (kind !== "page") return [];
  const own = Number(window);
  return [own, own - 1, own + 1].map((each) => pageSourceKey(digest, each));
}
