import { UNSENT_WORDS, type UnsentReason } from "./unsent-reasons.ts";

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
