import type { ActionSource, ConversionEvent } from "./conversion-event.ts";
import type { SkipReason } from "./event-state.ts";

/** Where an event's id came from: the shopper's browser, the order (or checkout, customer), or the caller. */
export type IdSource = "browser" | "order" | "given";

/**
 * The result of mapping one store event: its identity, the facts that lists show without decrypting
 * a payload, and either the event to send or the reason to skip it.
 */
export interface MappedEvent {
  /** The name that Pinterest gets: a standard one, or one of the advertiser's own. */
  kind: string;
  /** The order's or customer's id, or the checkout's token, as text. */
  sourceKey: string;
  eventId: string;
  idSource: IdSource;
  /** Shopify's `source_name` (`web`, `pos`, …); `web` where the topic has none. */
  source: string;
  orderId: string | null;
  orderName: string | null;
  actionSource: ActionSource | null;
  eventTimeSeconds: number;
  /** Decimal string in major units of `currency`, as sent. */
  value: string | null;
  currency: string | null;
  /** Bits as defined in app/events/match-keys.ts. */
  keyBits: number;
  /**
   * The decision and the setting it came from: `allowed:consent.default`. Null when consent was not
   * checked.
   */
  consent: string | null;
  /**
   * Why each match key is present or missing: app/events/match-notes.ts. Empty where no key was
   * looked for.
   */
  notes: string;
  outcome: Outcome | { kind: "skip"; reason: SkipReason };
}

interface Outcome {
  kind: "send";
  event: ConversionEvent;
  /** Unix seconds; until then it may still turn out to be one to skip. Absent: send at once. */
  heldUntilSeconds?: number;
  /**
   * It waits so long for what its shopper's browser may still tell: of the checkout, or, without
   * one, of the product on the page. Of the cart it may tell a refusal.
   */
  heldForBrowser?: { checkoutToken: string | null; cartToken: string | null; seconds: number };
}

/**
 * The person a webhook is about, so that a sign-up can be told from a customer who came with a
 * purchase, and from one whom the browser told as a sign-up already. It holds digests of the shop and the person only: no value of any person.
 */
export interface CustomerTrace {
  /** One digest for an order or a checkout; two for a sign-up: its customer's id and its email. */
  keys: string[];
  happenedAtSeconds: number;
  /**
   * The id of the customer whose sign-up it is; empty for an order or a checkout, `BROWSER_SIGN_UP`
   * for a form that the browser told, `BROWSER_REFUSAL` for one whose shopper refuses marketing.
   */
  signup: string;
}

/** No customer's id. */
export const BROWSER_SIGN_UP = "-";
export const BROWSER_REFUSAL = "!";

/** How far from a new customer an order or a checkout of theirs may be for them to be a guest. */
export const GUEST_MINUTES = 30;
