/** The states of a conversion event. One vocabulary for tables, lists, metrics and logs. */
export const EVENT_STATES = [
  "held",
  "pending",
  "sending",
  "accepted",
  "rejected",
  "skipped",
  "expired",
] as const;

export type EventState = (typeof EVENT_STATES)[number];

/**
 * The states that the `event` table stores. `sending` is not stored: an event is being sent while
 * its ad account is leased, and a lease that ends with its process must not leave a state behind.
 */
export type StoredState = Exclude<EventState, "sending">;

interface ReasonWords {
  /** After "Not sent:". */
  words: string;
  /** In a list of reasons, where that is not the words with a capital letter. */
  label?: string;
  /** In a workflow of Shopify Flow, where a rule of the store skips the event: the rule and its setting. */
  rule?: string;
}

/** Why an event is not sent, and how that is said. A new reason begins with a line here. */
export const UNSENT_WORDS = {
  no_match_key: { words: "no email, and no IP address with browser" },
  consent_refused: {
    words: "shopper declined marketing",
    rule: "the shopper declined advertising",
  },
  consent_unknown: {
    words: "no consent on record",
    rule: "nothing is known of the shopper's consent to advertising, and the setting consent.<region> requires it",
  },
  test_order: {
    words: "test order",
    rule: "this is a test order, and the setting test_orders skips those",
  },
  cancelled: {
    words: "canceled before sending",
    rule: "the order is cancelled, and the setting cancelled_orders skips those",
  },
  zero_total: {
    words: "total is zero",
    rule: "the order's total is zero, and the setting zero_total_orders skips those",
  },
  source_off: {
    words: "your rule skips {source} orders",
    label: "Your rule skips the source",
    rule: "the settings source.<name> skip orders of this sales channel",
  },
  event_off: { words: "you turned {kind} off", label: "You turned the event off" },
  duplicate: { words: "already sent under another ID" },
  imported: { words: "customer was imported" },
  guest: { words: "customer is a guest, not a sign-up" },
  redacted: { words: "removed at the customer's request" },
  too_old: { words: "older than 7 days" },
  unreadable: { words: "Shopify's message could not be read" },
  content_gone: { words: "its content is no longer kept", label: "Content no longer kept" },
} as const satisfies Record<string, ReasonWords>;

export type UnsentReason = keyof typeof UNSENT_WORDS;

/** The words of a reason, and its name in a list and in a workflow. */
export function findReasonWords(reason: UnsentReason): ReasonWords & { label: string } {
  const found: ReasonWords = UNSENT_WORDS[reason];
  const label = found.words.slice(0, 1).toUpperCase() + found.words.slice(1);
  return { label, ...found };
}

export type SkipReason = Exclude<UnsentReason, "content_gone">;

/** One vocabulary: an event that is too old has the same reason, whether it waited or not. */
export const UNSENT_REASONS = Object.keys(UNSENT_WORDS) as UnsentReason[];

/** The reasons why an event of a shop is skipped. */
export const SKIP_REASONS = UNSENT_REASONS.filter(
  (reason): reason is SkipReason => reason !== "content_gone",
);

/**
 * Skips that a later webhook of the same order may lift, because an earlier webhook lacked data and
 * no decision was made: an early checkout has no email yet, its update has.
 */
export const INCOMPLETE_REASONS: readonly SkipReason[] = ["unreadable", "no_match_key"];

/**
 * Skips that cannot be lifted by hand: a person's refusal stands, and an event that Pinterest has
 * under another id would count twice.
 */
export const NEVER_REBUILT_REASONS: readonly SkipReason[] = [
  "consent_refused",
  "redacted",
  "duplicate",
];

/** The five counts that add up to `received`, at any moment, per shop. */
export interface EventCounts {
  received: number;
  accepted: number;
  rejected: number;
  skipped: number;
  expired: number;
  /** The sum of held, pending and sending. */
  pending: number;
}

/**
 * How long after it happened an event may still be sent: 6 days 20 hours. Pinterest accepts events
 * of the last seven days (docs.amperity.com/operator/events_pinterest.html); four hours are left
 * for clocks and queues.
 */
export const SENDABLE_SECONDS = (6 * 24 + 20) * 60 * 60;

/** Whether an event is too old for Pinterest; `nowSeconds` is the present. */
export function isTooOld(eventTimeSeconds: number, nowSeconds: number): boolean {
  return eventTimeSeconds < nowSeconds - SENDABLE_SECONDS;
}
