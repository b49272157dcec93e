import type { EventName } from "./conversion-event.ts";
import type { Shopper } from "./store-event.ts";
import type { BrowserConsent, VisitEvidence } from "./visit.ts";

/**
 * What a shopper's browser did, in our words: the pixel's names stop at intake. Personal data is
 * still readable here, so a browser event lives in memory only. Anyone can send one: nothing in it
 * is proven.
 */
export interface BrowserEvent {
  /** The browser's own id of the event, which every pixel of the page has. */
  id: string;
  /** Unix milliseconds: the browser's clock, or the arrival where that clock is wrong. */
  happenedAtMs: number;
  /** The browser's clock, right or wrong: it tells a reload from a new visit, and a copy from an event. */
  browserMs: number;
  consent: BrowserConsent;
  evidence: VisitEvidence;
  /** Null where the event has none. */
  checkoutToken: string | null;
  cartToken: string | null;
  action: BrowserAction;
}

export type BrowserAction =
  | { kind: "page_viewed" }
  | { kind: "product_viewed"; item: BrowserItem }
  | {
      kind: "collection_viewed";
      collectionId: string | null;
      title: string | null;
      items: BrowserItem[];
    }
  | { kind: "search_submitted"; searchText: string; items: BrowserItem[] }
  | { kind: "product_added_to_cart"; item: BrowserItem }
  | { kind: "checkout_started" | "payment_info_submitted"; checkout: BrowserCheckout }
  | { kind: "checkout_completed"; orderId: string | null }
  | { kind: "custom"; name: EventName; fields: CustomFields }
  /** The shopper took back a consent while a checkout was open. */
  | { kind: "consent_changed" }
  | { kind: "page_report"; report: PageReport }
  /** The shopper sends a form for an account or a newsletter; SHA-256 of the email in it. */
  | { kind: "signup_form"; emailDigest: string }
  /** It feeds no event, but may tell of a checkout. */
  | { kind: "other" };

export interface BrowserItem {
  /** Digits as text. */
  variantId: string | null;
  productId: string | null;
  sku: string | null;
  name: string | null;
  category: string | null;
  brand: string | null;
  /** The price of one piece, and of all pieces after discounts; decimal strings. */
  unitPrice: string | null;
  linePrice: string | null;
  currency: string | null;
  quantity: number;
}

export interface BrowserCheckout {
  /** What the shopper sees, all in one currency. */
  currency: string | null;
  subtotal: string | null;
  total: string | null;
  items: BrowserItem[];
  shopper: Shopper;
}

/** What a page of the shop says of an event of its own. */
export interface CustomFields {
  value: string | null;
  currency: string | null;
  orderId: string | null;
  productIds: string[];
  quantity: number | null;
  searchText: string | null;
  name: string | null;
  category: string | null;
  brand: string | null;
  email: string | null;
  phone: string | null;
}

/** What the theme's script saw of Pinterest in a page. */
export interface PageReport {
  /** Ids of Pinterest tags. */
  tagIds: string[];
  /** Whether their events carry Shopify's event ids; null where none was seen. */
  sharesIds: boolean | null;
  /** Pinterest's own cookie was there, which a tag sets. */
  hasCookie: boolean;
}
