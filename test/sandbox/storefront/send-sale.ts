import { checkoutBody } from "../sample-checkouts.ts";
import { customerBody } from "../sample-customers.ts";
import { orderBody } from "../sample-orders.ts";
import { createPerson, placeOf } from "../sample-people.ts";
import { createRandom } from "../sample-random.ts";
import type { ShopRecords } from "../shopify/shop-records.ts";
import type { Checkout, ShopFloor, SoldOrder } from "./shop-floor.ts";

/** The webhooks that a checkout and its order cause, and the order in the Admin API. */

type Deliver = (topic: string, shop: string, body: object) => Promise<unknown>;

export interface SaleSender {
  checkoutOpened(floor: ShopFloor, checkout: Checkout, isNew: boolean): void;
  /** Of the person nothing but the email is known. */
  signedUp(floor: ShopFloor, email: string): Promise<void>;
  /** From now on the Admin API knows the order. */
  orderMade(floor: ShopFloor, checkout: Checkout, order: SoldOrder): void;
  /** Resolves when Shopify has been answered for each webhook of the order. */
  orderPaid(floor: ShopFloor, checkout: Checkout, order: SoldOrder): Promise<void>;
}

const SEED_MODULUS = 2_147_483_647n;

function seedOf(token: string): number {
  return Number(BigInt(`0x${token}`) % SEED_MODULUS);
}

function visitFields({ visitor, cart }: Checkout) {
  return {
    cart_token: cart.token,
    landing_site: visitor.landingSite,
    referring_site: visitor.referringSite,
    note_attributes: Object.entries(cart.attributes).map(([name, value]) => ({ name, value })),
  };
}

function bodyOfCheckout({ shop }: ShopFloor, checkout: Checkout): object {
  const { person, token, createdAt, lines, countryCode } = checkout;
  return checkoutBody({
    token,
    seed: seedOf(token),
    country: countryCode,
    currency: shop.currencyCode,
    createdAt,
    updatedAt: new Date(),
    early: person === null,
    taxesIncluded: shop.taxesIncluded,
    lines,
    ...(person !== null && { person }),
    overrides: visitFields(checkout),
  });
}

function bodyOfOrder({ shop }: ShopFloor, checkout: Checkout, order: SoldOrder) {
  const { visitor, countryCode, lines, token } = checkout;
  const stranger = createPerson(createRandom(seedOf(token)), placeOf(countryCode));
  const person = { ...(checkout.person ?? stranger), ip: visitor.ip, userAgent: visitor.userAgent };
  return orderBody({
    id: order.id,
    seed: seedOf(token),
    country: countryCode,
    currency: shop.currencyCode,
    createdAt: order.soldAt,
    taxesIncluded: shop.taxesIncluded,
    customerId: order.customerId,
    checkoutToken: token,
    lines,
    person,
    overrides: visitFields(checkout),
  });
}

export function createSaleSender(deliver: Deliver, records: ShopRecords): SaleSender {
  return {
    checkoutOpened(floor, checkout, isNew) {
      const topic = isNew ? "checkouts/create" : "checkouts/update";
      void deliver(topic, floor.shop.domain, bodyOfCheckout(floor, checkout));
    },
    async signedUp({ shop, newCustomer }, email) {
      const overrides = { email, first_name: null, last_name: null, phone: null };
      const body = customerBody({
        id: newCustomer(),
        overrides: { ...overrides, default_address: null },
      });
      await deliver("customers/create", shop.domain, body);
    },
    orderMade(floor, checkout, order) {
      records.putOrder(floor.shop.domain, bodyOfOrder(floor, checkout, order));
    },
    async orderPaid(floor, checkout, order) {
      const { domain } = floor.shop;
      const body = bodyOfOrder(floor, checkout, order);
      const person =
        checkout.person ?? createPerson(createRandom(1), placeOf(checkout.countryCode));
      const customer = customerBody({ id: order.customerId, person, createdAt: order.soldAt });
      await Promise.all([
        deliver("customers/create", domain, customer),
        deliver("orders/create", domain, body),
      ]);
      await deliver("orders/paid", domain, body);
    },
  };
}
