import type { Country } from "./country.ts";
import type { Origin } from "./match-notes.ts";

/**
 * What happened in a shop, in our words: Shopify's field names stop at intake. Personal data is
 * still readable here, so a store event lives in memory only.
 */
export type StoreEvent =
  | { kind: "order_created"; order: StoreOrder }
  | { kind: "order_paid"; order: StoreOrder }
  | { kind: "order_cancelled"; order: StoreOrder }
  | { kind: "checkout_started"; checkout: StoreCheckout }
  | { kind: "customer_created"; customer: StoreCustomer };

/** Decimal strings in major units, as Shopify wrote them; null where there is none to be read. */
export interface Amount {
  shop: string | null;
  /** In the basket's `presentmentCurrency`; null where the body does not say it in that currency. */
  presentment: string | null;
}

export interface BasketLine {
  /** Digits as text. */
  variantId: string | null;
  productId: string | null;
  sku: string | null;
  /** Pieces that were ordered. */
  quantity: number;
  /** Pieces that an order that was edited still has; null where nobody says. */
  quantityLeft: number | null;
  /** A tip is none. */
  isGoods: boolean;
  /** Of one piece, before discounts. */
  unitPrice: Amount;
  taxes: Amount[];
}

export interface Address {
  firstName: string | null;
  lastName: string | null;
  city: string | null;
  provinceCode: string | null;
  zip: string | null;
  countryCode: Country | null;
  phone: string | null;
}

/** Where a person can be reached, and whose word that is. */
export interface Contact {
  value: string;
  from: Origin;
}

export interface Shopper {
  customerId: string | null;
  firstName: string | null;
  lastName: string | null;
  /** The order's own first, then the contact's, then the customer's. */
  emails: Contact[];
  /** The order's own first, then the customer's; those of addresses stay with them. */
  phones: Contact[];
  billing: Address | null;
  shipping: Address | null;
  /** The customer's default address. */
  home: Address | null;
}

/** Who bought, and when as far as anybody says. */
export interface Buyer {
  shopper: Pick<Shopper, "customerId" | "emails">;
  occurredAtSeconds: number | null;
}

/** What orders and checkouts have in common. */
export interface Basket {
  /** Shopify's `source_name`; `unknown` where the body does not say. */
  sourceName: string;
  occurredAtSeconds: number;
  currency: string;
  presentmentCurrency: string | null;
  taxesIncluded: boolean;
  subtotal: Amount;
  total: Amount;
  lines: BasketLine[];
  /** Path and query of the first page of the shopper's session. */
  landingSite: string | null;
  /** Value of the note attribute `_epik`, which the shop's theme may set. */
  notedClickId: string | null;
  locale: string | null;
  /** Read again from the Admin API, which tells neither the browser nor the landing page. */
  isReread: boolean;
  shopper: Shopper;
}

export interface StoreOrder extends Basket {
  /** Digits as text. */
  id: string;
  /** Subtotal and total of what is left of it after it was edited; null where nobody says. */
  subtotalLeft: Amount | null;
  totalLeft: Amount | null;
  /** As in `#1001`. */
  name: string | null;
  isTest: boolean;
  isCancelled: boolean;
  /** A member of staff made it, and `browser` is then theirs. */
  isMadeByStaff: boolean;
  browser: { ip: string | null; userAgent: string | null };
}

export interface StoreCheckout extends Basket {
  token: string;
}

export interface StoreCustomer {
  /** Digits as text. */
  id: string;
  createdAtSeconds: number;
  /** Shopify's account state: `disabled`, `enabled`, `invited`, `declined`. */
  state: string | null;
  shopper: Shopper;
}
