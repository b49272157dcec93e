import { checkoutBody } from "./sample-checkouts.ts";
import { customerBody } from "./sample-customers.ts";
import { type OrderOptions, orderBody } from "./sample-orders.ts";
import { createPerson, PLACES, placeOf } from "./sample-people.ts";
import { createRandom, type Random } from "./sample-random.ts";

export type SampleNote =
  | "order"
  | "discounted"
  | "presentment_currency"
  | "guest"
  | "pos"
  | "draft"
  | "test_order"
  | "cancelled"
  | "free"
  | "poison"
  | "duplicate"
  | "checkout_started"
  | "checkout_updated"
  | "sign_up";

export interface SampleWebhook {
  topic: "orders/create" | "checkouts/create" | "checkouts/update" | "customers/create";
  body: object;
  note: SampleNote;
  /** Equal in a delivery and its duplicate. */
  webhookId: string;
  eventId: string;
  triggeredAt: Date;
  /** The id of an order's conversion event if no browser gave one. */
  conversionEventId?: string;
}

export interface DayOptions {
  seed: number;
  /** When the day begins; it lasts 24 hours. */
  start: Date;
  /** Orders in it; the other webhooks come on top. Ten or more show every note. */
  count: number;
  /** Orders of the shop before this day: two days must not have orders of one number. Default 0. */
  before?: number;
}

/** The order of notes in a day: ordinary orders, with one of each special kind among them. */
const SCRIPT: SampleNote[] = [
  "order",
  "discounted",
  "pos",
  "presentment_currency",
  "test_order",
  "guest",
  "draft",
  "poison",
  "free",
  "cancelled",
];
const DAY_MS = 24 * 60 * 60 * 1000;
/** Past 2^53, as ids in Shopify's own samples are. */
const FIRST_ORDER_ID = 820_982_911_946_154_508n;
const TAX_INCLUDED = new Set(["GB", "DE", "FR", "NL", "AU", "JP", "SE"]);

function specialsOf(note: SampleNote, at: Date): Partial<OrderOptions> {
  switch (note) {
    case "discounted":
      return { discountPercent: 15 };
    case "presentment_currency":
      return { currency: "USD", presentmentCurrency: "EUR", country: "DE" };
    case "guest":
      return { guest: true };
    case "pos":
      return { sourceName: "pos" };
    case "draft":
      return { sourceName: "shopify_draft_order" };
    case "test_order":
      return { test: true };
    case "cancelled":
      return { cancelledAt: new Date(at.getTime() + 1000) };
    case "free":
      return { discountPercent: 100, shippingDollars: 0 };
    default:
      return {};
  }
}

function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((length) => random.hex(length)).join("-");
}

function envelope(random: Random, triggeredAt: Date) {
  return { webhookId: uuid(random), eventId: uuid(random), triggeredAt };
}

/** One shopper's order, with the checkout before it where there was one. */
function orderWebhooks(random: Random, index: number, note: SampleNote, at: Date): SampleWebhook[] {
  const specials = specialsOf(note, at);
  const country = specials.country ?? (PLACES[index % PLACES.length] ?? placeOf("US")).countryCode;
  const person = createPerson(random, placeOf(country));
  const id = FIRST_ORDER_ID + BigInt(index) * 1000n;
  const token = random.hex(32);
  const seed = random.integer(1, 2 ** 31);
  const shared = { country, seed, person, taxesIncluded: TAX_INCLUDED.has(country), ...specials };
  const order: SampleWebhook = {
    topic: "orders/create",
    body: orderBody({ ...shared, id, createdAt: at, checkoutToken: token }),
    note,
    ...envelope(random, at),
    conversionEventId: `order-${id}-checkout`,
  };
  if (specials.sourceName !== undefined) return [order];
  const { sourceName: _, ...checkout } = shared;
  const startedAt = new Date(at.getTime() - 4 * 60 * 1000);
  const writtenAt = new Date(at.getTime() - 2 * 60 * 1000);
  const started = { ...checkout, token, createdAt: startedAt };
  return [
    {
      topic: "checkouts/create",
      body: checkoutBody({ ...started, early: true }),
      note: "checkout_started",
      ...envelope(random, startedAt),
    },
    {
      topic: "checkouts/update",
      body: checkoutBody({ ...started, updatedAt: writtenAt }),
      note: "checkout_updated",
      ...envelope(random, writtenAt),
    },
    order,
  ];
}

function signUp(random: Random, index: number, at: Date): SampleWebhook {
  const { countryCode } = random.pick(PLACES);
  const id = 706_405_506_930_370_000n + BigInt(index);
  const body = customerBody({
    id,
    seed: random.integer(1, 2 ** 31),
    country: countryCode,
    createdAt: at,
    // Made on the store's own page; a customer without an account would wait half an hour.
    overrides: { state: "enabled" },
  });
  return { topic: "customers/create", body, note: "sign_up", ...envelope(random, at) };
}

/**
 * A day in a shop, oldest first: orders from many countries and in many currencies, with their
 * checkouts, sign-ups, one delivery that comes twice, and one order (`poison`) meant for a scripted
 * refusal of its `conversionEventId`.
 */
export function sampleDay({ seed, start, count, before = 0 }: DayOptions): SampleWebhook[] {
  const random = createRandom(seed);
  const step = DAY_MS / Math.max(count, 1);
  const webhooks: SampleWebhook[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = new Date(start.getTime() + Math.floor((index + 0.5) * step));
    const note = index < SCRIPT.length ? (SCRIPT[index] ?? "order") : "order";
    webhooks.push(...orderWebhooks(random, before + index, note, at));
    if (index % 4 === 1) webhooks.push(signUp(random, before + index, at));
  }
  const repeated = webhooks.find(({ note }) => note === "discounted");
  if (repeated !== undefined) {
    const triggeredAt = new Date(repeated.triggeredAt.getTime() + 30_000);
    webhooks.push({ ...repeated, note: "duplicate", triggeredAt });
  }
  return webhooks.sort((a, b) => a.triggeredAt.getTime() - b.triggeredAt.getTime());
}
