import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import type { BrowserAction, BrowserEvent } from "#app/events/browser-event.ts";
import { cleanText, meaningfulText } from "#app/events/clean-text.ts";
import { EVENT_NAMES } from "#app/events/conversion-event.ts";
import { readLocation } from "#app/events/country.ts";
import { isOfStoreEvent } from "#app/events/event-id.ts";
import { soundBySchema } from "#app/events/sound-by-schema.ts";
import { type BrowserConsent, NO_EVIDENCE, type VisitEvidence } from "#app/events/visit.ts";
import { readToken } from "#app/intake/read/read-basket.server.ts";
import { isDateTime } from "#app/intake/read/read-fields.server.ts";
import { parseJsonObject } from "#app/intake/read/read-json-object.server.ts";
import { readClickId } from "#app/mapping/source/find-click-id.server.ts";
import {
  customData,
  eventData,
  readCheckout,
  readCustomFields,
  readItem,
  readItems,
  readLine,
  readReport,
} from "./read-pixel-data.server.ts";
import {
  longText,
  optionalFlag,
  optionalObject,
  readCartToken,
  readNumericId,
  shortText,
} from "./read-pixel-fields.server.ts";

const SHOP = "expected a myshopify.com domain";
const BROWSER_ID = "expected 1 to 200 printable characters, and no id of an order's event";
const TIME = "expected a date and time with its offset";
/** ISO 8601 with milliseconds has 29 characters at most. */
const MAX_TIME = 40;

const isTime = (value: unknown) =>
  typeof value === "string" && value.length <= MAX_TIME && isDateTime(value);
/** An order under the id of another would count as that one. */
const isBrowserId = (value: unknown) => {
  const id = readToken(value);
  return id !== null && !isOfStoreEvent(id);
};

/** What a pixel sends. Whatever else stands in a body is not looked at. */
const pixelBody = z.object({
  // A label of a host name has 63 characters at most.
  shop: boundedText(80, SHOP).regex(/^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/i, SHOP),
  pixel_key: boundedText(200, "expected text"),
  consent: optionalObject({ marketingAllowed: optionalFlag, saleOfDataAllowed: optionalFlag }),
  click_id: longText,
  // Shopify's word for the country and the state of the shopper.
  region: shortText,
  click_id_at: z.custom<string | null>((at) => at === null || isTime(at), TIME).optional(),
  event: z.object(
    {
      id: z.custom<string>(isBrowserId, BROWSER_ID),
      name: boundedText(100, "expected text of at most 100 characters"),
      timestamp: z.custom<string>(isTime, TIME),
      clientId: shortText,
      context: optionalObject({
        document: optionalObject({ location: optionalObject({ href: longText }) }),
        navigator: optionalObject({ userAgent: longText, language: shortText }),
      }),
      data: eventData,
      customData,
    },
    "expected an object",
  ),
});

type Body = z.infer<typeof pixelBody>;

/** What is known of a body besides its bytes. */
export interface Arrival {
  /** The caller's address; null where the connection was gone. */
  address: string | null;
  /** The header; null where there is none. */
  userAgent: string | null;
  atMs: number;
}

export type ReadPixelBody =
  /** `message` names fields of ours, and nothing that the body holds. */
  | { kind: "faulty"; message: string }
  | { kind: "event"; shop: string; key: string; userAgent: string | null; event: BrowserEvent };

const isSound = soundBySchema(pixelBody);
const MOST_FAULTS = 5;

/** Reads a body of the pixel. Never throws, whatever was sent. */
export function readPixelBody(bytes: Buffer, arrival: Arrival): ReadPixelBody {
  const object = parseJsonObject(bytes);
  if (object === null) return { kind: "faulty", message: "The body is not a JSON object." };
  const parsed = isSound(object) ? { data: object } : pixelBody.safeParse(object);
  if (parsed.data === undefined) return { kind: "faulty", message: describe(parsed.error) };
  const body = parsed.data;
  return {
    kind: "event",
    shop: body.shop.toLowerCase(),
    key: body.pixel_key,
    userAgent: body.event.context?.navigator?.userAgent ?? null,
    event: readEvent(body, arrival),
  };
}

function describe(error: z.ZodError): string {
  const faults = error.issues.slice(0, MOST_FAULTS).map((issue) => {
    const inner = issue.code === "invalid_union" ? issue.errors[0]?.[0] : undefined;
    return `${issue.path.join(".")}: ${inner?.message ?? issue.message}`;
  });
  return `The body has other fields than the pixel's. ${faults.join("; ")}.`;
}

/** A browser's clock is believed as far as an event may have waited for its connection. */
const MAX_DELAY_MS = 3_600_000;

function readEvent(body: Body, arrival: Arrival): BrowserEvent {
  const { event } = body;
  const consent: BrowserConsent = {
    marketingAllowed: body.consent?.marketingAllowed ?? null,
    saleOfDataAllowed: body.consent?.saleOfDataAllowed ?? null,
  };
  const browserMs = Date.parse(event.timestamp);
  const isCredible = browserMs <= arrival.atMs && browserMs >= arrival.atMs - MAX_DELAY_MS;
  const { checkout, cart } = event.data ?? {};
  return {
    id: event.id,
    happenedAtMs: isCredible ? browserMs : arrival.atMs,
    browserMs,
    consent,
    evidence: consent.marketingAllowed === false ? NO_EVIDENCE : readEvidence(body, arrival),
    checkoutToken: readToken(checkout?.token),
    cartToken: readCartToken(cart?.id),
    action: readAction(event),
  };
}

function readEvidence(
  { event, ...body }: Body,
  { address, userAgent, atMs }: Arrival,
): VisitEvidence {
  const { document, navigator } = event.context ?? {};
  return {
    clientId: meaningfulText(event.clientId, 300),
    clickId: isOld(body.click_id_at, atMs) ? null : readClickId(body.click_id),
    ip: address,
    userAgent: meaningfulText(navigator?.userAgent, 2_000) ?? meaningfulText(userAgent, 2_000),
    language: meaningfulText(navigator?.language, 35),
    location: readLocation(body.region) && meaningfulText(body.region, 6),
    page: cleanText(document?.location?.href, 2_000),
  };
}

const CLICK_ID_DAYS = 365;

function isOld(at: string | null | undefined, nowMs: number): boolean {
  return typeof at === "string" && Date.parse(at) < nowMs - CLICK_ID_DAYS * 86_400_000;
}

const CUSTOM = "pinrelay:";
/** SHA-256 as hexadecimal digits. */
const DIGEST = /^[0-9a-f]{64}$/;
/** An order alone makes a purchase: a page could invent one. */
const CUSTOM_NAMES = EVENT_NAMES.filter((name) => name !== "checkout");

function readAction({ name, data, customData: custom }: Body["event"]): BrowserAction {
  const other: BrowserAction = { kind: "other" };
  switch (name) {
    case "page_viewed":
      return { kind: name };
    case "product_viewed":
      return { kind: name, item: readItem(data?.productVariant) };
    case "collection_viewed": {
      const { id, title, productVariants } = data?.collection ?? {};
      const items = readItems(productVariants);
      const collectionId = readNumericId(id);
      return { kind: name, collectionId, title: meaningfulText(title, 500), items };
    }
    case "search_submitted": {
      const searchText = cleanText(data?.searchResult?.query, 500);
      const items = readItems(data?.searchResult?.productVariants);
      return searchText === null ? other : { kind: name, searchText, items };
    }
    case "product_added_to_cart":
      // Shopify leaves out the line where it could not be read.
      return data?.cartLine ? { kind: name, item: readLine(data.cartLine) } : other;
    case "checkout_started":
    case "payment_info_submitted":
      return data?.checkout ? { kind: name, checkout: readCheckout(data.checkout) } : other;
    case "checkout_completed":
      return { kind: name, orderId: readNumericId(data?.checkout?.order?.id) };
    case "consent_changed":
      return { kind: name };
    case `${CUSTOM}page_report`:
      return { kind: "page_report", report: readReport(custom ?? {}) };
    case `${CUSTOM}signup_form`: {
      const digest = custom?.email_digest ?? "";
      return DIGEST.test(digest) ? { kind: "signup_form", emailDigest: digest } : other;
    }
  }
  const own = CUSTOM_NAMES.find((known) => name === CUSTOM + known);
  if (own === undefined) return other;
  return { kind: "custom", name: own, fields: readCustomFields(custom ?? {}) };
}
