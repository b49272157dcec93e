import type { Country } from "./country.ts";
import type { Origin } from "./match-notes.ts";

/**
 * An event in a shop, in our words: Shopify's field names stop at intake. Personal data is still
 * readable here, so a store event lives in memory only.
 */
export type StoreEvent =
  | { kind: "order_created"; order: StoreOrder }
  | { kind: "order_paid"; order: StoreOrder }
  | { kind: "order_cancelled"; order: StoreOrder }
  | { kind: "checkout_started"; checkout: StoreCheckout }
  | { kind: "customer_created"; customer: StoreCustomer };

/** Decimal strings in major units, as Shopify wrote them; null where no amount could be read. */
export interface Amount {
  shop: string | null;
  /**
   * The amount in the basket's `presentmentCurrency`; null where the webhook does not give it in
   * that currency.
   */
  presentment: string | null;
}

export interface BasketLine {
  /** The variant's and the product's id: digits as text. */
  variantId: string | null;
  productId: string | null;
  sku: string | null;
  /** The number of pieces ordered. */
  quantity: number;
  /** The number of pieces left after the order was edited; null when unknown. */
  quantityLeft: number | null;
  /** False for a tip. */
  isGoods: boolean;
  /** The price of one piece, before discounts. */
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

/** Where a person can be reached, and which record each value comes from. */
export interface Contact {
  value: string;
  from: Origin;
}

export interface Shopper {
  customerId: string | null;
  firstName: string | null;
  lastName: string | null;
  /** The order's own email first, then the contact's, then the customer's. */
  emails: Contact[];
  /** The order's own phone first, then the customer's; those of addresses stay with them. */
  phones: Contact[];
  billing: Address | null;
  shipping: Address | null;
  /** The customer's default address. */
  home: Address | null;
}

/** The buyer, and the time of the purchase where it is known. */
export interface Buyer {
  shopper: Pick<Shopper, "customerId" | "emails">;
  occurredAtSeconds: number | null;
}

/** The fields that orders and checkouts have in common. */
export interface Basket {
  /** Shopify's `source_name`; `unknown` where the webhook does not give one. */
  sourceName: string;
  occurredAtSeconds: number;
  currency: string;
  presentmentCurrency: string | null;
  taxesIncluded: boolean;
  subtotal: Amount;
  total: Amount;
  lines: BasketLine[];
  /** The path and query of the first page of the shopper's session. */
  landingSite: string | null;
  /** The value of the note attribute `_epik`, which the shop's theme may set. */
  notedClickId: string | null;
  /** The theme noted in the cart that its shopper refuses marketing. */
  isRefusalNoted: boolean;
  locale: string | null;
  /** The tokens of its checkout and its cart, by which its visit is found. */
  checkoutToken: string | null;
  cartToken: string | null;
  /** True when read again from the Admin API, which gives neither the browser nor the landing page. */
  isReread: boolean;
  shopper: Shopper;
}

export interface StoreOrder extends Basket {
  /** The order's id: digits as text. */
  id: string;
  /** The subtotal and total after the order was edited; null when unknown. */
  subtotalLeft: Amount | null;
  totalLeft: Amount | null;
  /** The name that merchants see, such as `#1001`. */
  name: string | null;
  isTest: boolean;
  isCancelled: boolean;
  /** True when a member of staff made the order; `browser` is then theirs. */
  isMadeByStaff: boolean;
  browser: { ip: string | null; userAgent: string | null };
}

export interface StoreCheckout extends Basket {
  token: string;
}

export interface StoreCustomer {
  /** The customer's id: digits as text. */
  id: string;
  createdAtSeconds: number;
  /** Shopify's account state: `disabled`, `enabled`, `invited`, `declined`. */
  state: string | null;
  shopper: Shopper;
}
