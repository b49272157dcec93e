/** What Shopify tells of one thing that a shopper did. Any part of it may be missing. */
export interface CustomerEvent {
  id: string;
  name: string;
  timestamp: string;
  clientId?: unknown;
  context?: unknown;
  data?: unknown;
  customData?: unknown;
}

/** What is sent of it: Shopify's names and nesting, and only what the app reads. */
export interface CutEvent {
  id: string;
  name: string;
  timestamp: string;
  clientId?: unknown;
  context?: unknown;
  data?: unknown;
  customData?: unknown;
}

/** The longest text kept; a list of one shape for lists; what an object keeps by its keys. */
type Shape = number | [Shape] | { [key: string]: Shape };

const ID = 100;
const WORDS = 250;
const ADDRESS_LENGTH = 2_000;
/** More lines than any event needs; the size of the body has the last word. */
const MAX_LINES = 100;

const MONEY = { amount: 40, currencyCode: 3 };
const VARIANT = {
  id: ID,
  sku: WORDS,
  title: WORDS,
  price: MONEY,
  product: { id: ID, title: WORDS, type: WORDS, vendor: WORDS },
};
const PERSON = {
  firstName: WORDS,
  lastName: WORDS,
  phone: ID,
  city: WORDS,
  provinceCode: ID,
  countryCode: ID,
  zip: ID,
};
const CHECKOUT = {
  checkout: {
    token: ID,
    email: WORDS,
    phone: ID,
    currencyCode: ID,
    subtotalPrice: MONEY,
    totalPrice: MONEY,
    billingAddress: PERSON,
    shippingAddress: PERSON,
    order: { id: ID, customer: { id: ID } },
    lineItems: [{ quantity: ID, finalLinePrice: MONEY, variant: VARIANT }] as [Shape],
  },
};
const CONTEXT = {
  document: { location: { href: ADDRESS_LENGTH } },
  navigator: { userAgent: 500, language: 35 },
};

/** Shopify's events that the app knows, and what it reads of the data of each. */
const DATA: { [name: string]: Shape } = {
  page_viewed: {},
  product_viewed: { productVariant: VARIANT },
  collection_viewed: { collection: { id: ID, title: WORDS, productVariants: [VARIANT] } },
  search_submitted: { searchResult: { query: WORDS, productVariants: [VARIANT] } },
  product_added_to_cart: {
    cartLine: { quantity: ID, cost: { totalAmount: MONEY }, merchandise: VARIANT },
  },
  checkout_started: CHECKOUT,
  payment_info_submitted: CHECKOUT,
  checkout_completed: CHECKOUT,
};

/** What the page held when it was loaded. */
export interface Page {
  context?: unknown;
  data?: { cart?: { id?: unknown } | null } | null;
}

export const STANDARD_EVENTS: readonly string[] = Object.keys(DATA);

/** Stands before the names of the events that themes and apps publish for Pinrelay. */
const CUSTOM_PREFIX = "pinrelay:";

/** Cuts one of Shopify's own events. */
export function cutStandardEvent(event: CustomerEvent, page: Page): CutEvent {
  const shape = DATA[event.name] || {};
  const data = pick(event.data || {}, shape) as Record<string, unknown>;
  const cart = cartOf(page);
  if (cart && ("cartLine" in data || "checkout" in data)) data.cart = cart;
  return Object.assign(frame(event, page), { data });
}

/** What follows the cart's id is the key that opens it, which nobody here needs. */
export function cartOf(page: Page): { id: string } | undefined {
  const id = pick(page.data?.cart?.id, ID);
  return id ? { id: String(id).split("?")[0] as string } : undefined;
}

/** Cuts an event that a theme or an app published; null for one that is not for Pinrelay. */
export function cutCustomEvent(event: CustomerEvent, page: Page): CutEvent | null {
  if (event.name.indexOf(CUSTOM_PREFIX) !== 0) return null;
  return Object.assign(frame(event, page), { customData: bound(event.customData, 3) });
}

function frame({ id, name, timestamp, clientId, context }: CustomerEvent, page: Page): CutEvent {
  return {
    id,
    name,
    timestamp,
    clientId: pick(clientId, ID),
    context: pick(context || page.context, CONTEXT),
  };
}

export function pick(value: unknown, shape: Shape): unknown {
  if (typeof shape === "number") return scalar(value, shape);
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return undefined;
    return value.slice(0, MAX_LINES).map((line) => pick(line, shape[0]));
  }
  if (!isObject(value)) return undefined;
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(shape)) kept[key] = pick(value[key], shape[key] as Shape);
  return kept;
}

/** The fields of a custom event are its publisher's: all are kept, none without a limit. */
function bound(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) {
    return depth > 0 ? value.slice(0, MAX_LINES).map((item) => bound(item, depth - 1)) : undefined;
  }
  if (!isObject(value)) return scalar(value, ADDRESS_LENGTH);
  if (depth === 0) return undefined;
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(value).slice(0, 50)) kept[key] = bound(value[key], depth - 1);
  return kept;
}

function scalar(value: unknown, longest: number): unknown {
  if (typeof value === "string") return value.slice(0, longest);
  return typeof value === "number" || typeof value === "boolean" ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
