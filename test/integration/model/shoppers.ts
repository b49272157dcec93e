import { visitKey } from "#app/events/visit.ts";
import type { WebhookHeaders } from "#app/intake/webhook-headers.server.ts";
import { type PixelOwner, pixelBody } from "#test/support/pixel-server.ts";
import { fixture } from "#test/unit/mapping/web-order.ts";

/** What does not change while a run lasts. */
export interface Scene {
  country: "US" | "FR";
  /** How far the shoppers' clocks are from ours. */
  skewSeconds: number;
  /** The second order of the first shop is older than Pinterest takes. */
  isSecondOld: boolean;
}

export const TOPICS = {
  created: "orders/create",
  paid: "orders/paid",
  cancelled: "orders/cancelled",
  checkout: "checkouts/create",
} as const;

export type Topic = keyof typeof TOPICS;

/** A checkout and its order. */
export interface Checkout {
  shop: 0 | 1;
  orderId: string;
  token: string;
  cart: string;
  happenedAtMs: number;
  currency: string;
  /** What was ordered, and what is left of it after an edit. */
  ordered: string;
  left: string;
  isEdited: boolean;
}

/** What a shopper said of the use of their data, by their own clock. */
interface Word {
  toldAtMs: number;
  isAllowed: boolean;
}

export interface SentWebhook {
  headers: WebhookHeaders;
  body: Buffer;
  checkout: Checkout;
  topic: Topic;
  /** What the order is worth by it. */
  worth: string;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const START_MS = 120_000;

/**
 * Two checkouts of one cart, and two in another shop with the same ids: those of two shops may be
 * alike by chance, and by malice.
 */
export function openCheckouts(
  run: number,
  { isSecondOld }: Scene,
): [Checkout, Checkout, Checkout, Checkout] {
  const at = Date.now() - START_MS;
  const first = 70_000_000 + run * 2;
  const open = (shop: 0 | 1, nth: number, money: [string, string, string]): Checkout => ({
    shop,
    orderId: String(first + nth),
    token: `token-${first + nth}`,
    cart: `cart-${run}`,
    happenedAtMs: at + nth * 1_000 + shop * 30_000 - (isSecondOld && nth === 1 ? 8 * DAY_MS : 0),
    currency: money[0],
    ordered: money[1],
    left: money[2],
    isEdited: false,
  });
  return [
    open(0, 0, ["EUR", "95.20", "40.10"]),
    open(0, 1, ["EUR", "12.345", "7"]),
    open(1, 0, ["JPY", "7777", "777"]),
    open(1, 1, ["JPY", "400", "0.5"]),
  ];
}

/** The webhook of a checkout; the same bytes however often it is delivered. */
export function buildWebhook(
  checkout: Checkout,
  topic: Topic,
  { country }: Scene,
  shopDomain: string,
): SentWebhook {
  const { orderId, token, cart, currency, ordered } = checkout;
  const left = checkout.isEdited ? checkout.left : ordered;
  const at = new Date(checkout.happenedAtMs).toISOString();
  const person = {
    shipping_address: { country_code: country },
    billing_address: null,
    customer: null,
    email: `${token}@example.com`,
  };
  const order = {
    ...fixture("web-order"),
    ...person,
    id: Number(orderId),
    checkout_token: token,
    cart_token: cart,
    taxes_included: false,
    currency,
    presentment_currency: currency,
    processed_at: at,
    subtotal_price: ordered,
    total_price: ordered,
    current_subtotal_price: left,
    current_total_price: left,
    ...NO_SETS,
    ...(topic === "cancelled" && { cancelled_at: at }),
  };
  const started = {
    ...fixture("2026-07.checkouts_create"),
    ...person,
    token,
    cart_token: cart,
    created_at: at,
  };
  return {
    headers: {
      shopDomain,
      topic: TOPICS[topic],
      webhookId: `${topic}-${token}`,
      triggeredAt: new Date(),
    },
    body: Buffer.from(JSON.stringify(topic === "checkout" ? started : order)),
    checkout,
    topic,
    worth: topic === "created" ? ordered : left,
  };
}

const NO_SETS = Object.fromEntries(
  ["subtotal", "total"].flatMap((of) => [
    [`${of}_price_set`, null],
    [`current_${of}_price_set`, null],
  ]),
);

export type Told = "started" | "completed" | "allowed" | "refused";

const NAMES: Record<Told, string> = {
  started: "checkout_started",
  completed: "checkout_completed",
  allowed: "consent_changed",
  refused: "consent_changed",
};

/** A body of a pixel, and what it says. */
export interface ToldBody {
  /** The shop whose pixel it says it is of. */
  shop: 0 | 1;
  body: Buffer;
  hasGoodKey: boolean;
  browserMs: number;
  isAllowed: boolean;
  /** Of the visits that it tells of. */
  keys: string[];
  checkout: Checkout;
}

export interface Telling {
  told: Told;
  second: number;
  withCart: boolean;
  /** Told by a stranger, who knows the number of an order and no token, and gives one id to all. */
  isGuess?: boolean;
}

export function buildPixelBody(
  owner: PixelOwner & { shop: 0 | 1; hasGoodKey: boolean },
  checkout: Checkout,
  { told, second, withCart, isGuess = false }: Telling,
  { skewSeconds }: Scene,
): ToldBody {
  const browserMs = Date.now() - START_MS + (second + skewSeconds) * 1_000;
  const isAllowed = told !== "refused";
  const { orderId, cart } = checkout;
  const token = isGuess ? `guess-${cart}` : checkout.token;
  const isCompleted = told === "completed" || isGuess;
  const body = pixelBody(owner, isCompleted ? NAMES.completed : NAMES[told], {
    id: isGuess ? `guess-${cart}` : `sh-${told}-${owner.domain}-${checkout.token}`,
    timestamp: new Date(browserMs).toISOString(),
    consent: { marketingAllowed: isAllowed, saleOfDataAllowed: true },
    data: {
      checkout: { token, order: { id: isCompleted ? orderId : null } },
      ...(withCart && { cart: { id: `gid://shopify/Cart/${cart}?key=k` } }),
    },
  });
  const keys = [
    visitKey("checkout", token),
    ...(isCompleted ? [visitKey("order", orderId)] : []),
    ...(withCart ? [visitKey("cart", cart)] : []),
  ];
  const { shop, hasGoodKey } = owner;
  const bytes = Buffer.from(JSON.stringify(body));
  return { shop, body: bytes, hasGoodKey, browserMs, isAllowed, keys, checkout };
}

/** What the shoppers of a shop said last, by what it was said of. */
export class Words {
  readonly #words = new Map<string, Word>();
  /** Somebody refused, by whatever word: no event of the shop has to be sent. */
  hasRefusal = false;

  hear({ browserMs, isAllowed, keys }: ToldBody): void {
    if (!isAllowed) this.hasRefusal = true;
    const now = Date.now();
    const isCredible = browserMs <= now && browserMs >= now - HOUR_MS;
    const word = {
      toldAtMs: Math.min(browserMs, (isCredible ? browserMs : now) + DAY_MS),
      isAllowed,
    };
    for (const key of keys) {
      const known = this.#words.get(key);
      if (known === undefined || isNewer(word, known)) this.#words.set(key, word);
    }
  }

  /**
   * Whether the shopper of a checkout allows the use of their data; null: nothing is known. The
   * number of an order can be guessed, so it only refuses.
   */
  isAllowed({ token, orderId, cart }: Checkout, kind: string): boolean | null {
    const of = (...[name, value]: Parameters<typeof visitKey>) =>
      this.#words.get(visitKey(name, value));
    const own = of("checkout", token);
    if (own !== undefined) return own.isAllowed;
    const guessed = kind === "checkout" ? of("order", orderId) : undefined;
    if (guessed?.isAllowed === false) return false;
    return of("cart", cart)?.isAllowed ?? null;
  }

  /** The same, by the checkout's own token alone. */
  ownWord({ token }: Checkout): boolean | null {
    return this.#words.get(visitKey("checkout", token))?.isAllowed ?? null;
  }
}

function isNewer(word: Word, known: Word): boolean {
  if (word.toldAtMs !== known.toldAtMs) return word.toldAtMs > known.toldAtMs;
  return known.isAllowed && !word.isAllowed;
}
