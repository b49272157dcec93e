import { randomBytes } from "node:crypto";
import { type SampleLine, sumLines } from "../sample-lines.ts";
import { priceIn } from "../sample-money.ts";
import { type Person, placeOf } from "../sample-people.ts";
import type { LocalShop } from "../shopify/installed-shops.ts";
import { type Catalogue, createCatalogue, sampleLine } from "./catalogue.ts";

/** Carts, checkouts and orders of one shop's storefront, in memory. */

export interface Cart {
  token: string;
  /** Variant ids and how many of each. */
  lines: Map<string, number>;
  attributes: Record<string, string>;
}

/** The shopper's browser, as the shop's server sees it. */
export interface Visitor {
  ip: string;
  userAgent: string;
  /** Path and query of the first page of the visit. */
  landingSite: string;
  referringSite: string;
  /** `DE`, `US-CA`. */
  region: string;
}

export interface Checkout {
  token: string;
  cart: Cart;
  visitor: Visitor;
  /** Where the goods go. */
  countryCode: string;
  createdAt: Date;
  lines: SampleLine[];
  /** Null until the shopper has said who they are. */
  person: Person | null;
  /** Null until it is paid. */
  order: SoldOrder | null;
  totals(): { subtotal: number; tax: number; shipping: number };
}

export interface SoldOrder {
  id: bigint;
  customerId: bigint;
  checkoutToken: string;
  cartToken: string;
  soldAt: Date;
}

export interface ShopFloor {
  shop: LocalShop;
  catalogue: Catalogue;
  carts: Map<string, Cart>;
  checkouts: Map<string, Checkout>;
  orders: SoldOrder[];
  newCart(): Cart;
  /** The id of one more customer. */
  newCustomer(): bigint;
  openCheckout(cart: Cart, visitor: Visitor): Checkout;
  /** Turns a checkout into an order; once, however often it is asked. */
  pay(checkout: Checkout): { order: SoldOrder; isNew: boolean };
}

/** Past 2^53, as in Shopify's samples; a range that no sample day uses. */
const FIRST_ORDER = 920_982_911_946_100_000n;
const FIRST_CUSTOMER = 906_405_506_930_370_000n;

let sold = 0n;
let customers = 0n;

export function createShopFloor(shop: LocalShop): ShopFloor {
  const catalogue = createCatalogue(shop.currencyCode);
  const carts = new Map<string, Cart>();
  const checkouts = new Map<string, Checkout>();
  const orders: SoldOrder[] = [];

  function linesOf(cart: Cart, countryCode: string): SampleLine[] {
    const rules = {
      place: placeOf(countryCode),
      currency: shop.currencyCode,
      discountPercent: 0,
      taxesIncluded: shop.taxesIncluded,
    };
    return [...cart.lines].flatMap(([id, quantity]) => {
      const variant = catalogue.variant(id);
      return variant === undefined ? [] : [sampleLine(variant, quantity, rules)];
    });
  }

  return {
    shop,
    catalogue,
    carts,
    checkouts,
    orders,
    newCart() {
      const token = `hWN${randomBytes(11).toString("hex")}`;
      const cart: Cart = { token, lines: new Map(), attributes: {} };
      carts.set(token, cart);
      return cart;
    },
    newCustomer() {
      customers += 1n;
      return FIRST_CUSTOMER + customers;
    },
    openCheckout(cart, visitor) {
      const open = [...checkouts.values()].find((one) => one.cart === cart && one.order === null);
      const countryCode = visitor.region.split("-")[0] ?? "US";
      const checkout: Checkout = open ?? {
        token: randomBytes(16).toString("hex"),
        cart,
        visitor,
        countryCode,
        createdAt: new Date(),
        lines: [],
        person: null,
        order: null,
        totals() {
          const isShipped = this.person !== null;
          return {
            subtotal: sumLines(this.lines, ({ unitMinor, quantity }) => unitMinor * quantity),
            tax: isShipped ? sumLines(this.lines, ({ taxMinor }) => taxMinor) : 0,
            shipping: isShipped ? priceIn(shop.currencyCode, 6.5) : 0,
          };
        },
      };
      checkout.lines = linesOf(cart, checkout.countryCode);
      checkouts.set(checkout.token, checkout);
      return checkout;
    },
    pay(checkout) {
      if (checkout.order !== null) return { order: checkout.order, isNew: false };
      sold += 1n;
      const order = {
        id: FIRST_ORDER + sold * 1_000n,
        customerId: this.newCustomer(),
        checkoutToken: checkout.token,
        cartToken: checkout.cart.token,
        soldAt: new Date(),
      };
      checkout.order = order;
      orders.push(order);
      return { order, isNew: true };
    },
  };
}
