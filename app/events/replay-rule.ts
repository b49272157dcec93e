import type { EventState } from "./event-state.ts";

/** Why an event may not be sent again. */
export type ReplayBar = "accepted" | "waiting" | "skipped" | "late" | "no_body";

export interface ReplayFacts {
  state: EventState;
  /** Pinterest no longer accepts it (`isTooOld`). */
  isLate: boolean;
  /** The payload that was sent is kept, and can be decrypted. */
  hasPayload: boolean;
}

/**
 * Decides whether the same payload may be sent again under the same id: null, or the reason why
 * not. SQL queries use `mayReplaySql` of the outbox, which a test holds to this rule.
 */
export function findReplayBar({ state, isLate, hasPayload }: ReplayFacts): ReplayBar | null {
  switch (state) {
    case "accepted":
      return "accepted";
    case "held":
    case "pending":
    case "sending":
      return "waiting";
    case "skipped":
      return "skipped";
    case "rejected":
    case "expired":
      if (isLate) return "late";
      return hasPayload ? null : "no_body";
  }
}

/** `changed`: another call was faster. `unknown`: the shop has no such event. */
export type ReplayLeft = ReplayBar | "changed" | "unknown";

/** The same words on every screen and in the terminal. */
export const replayTexts = {
  accepted: "Pinterest already has it. Sending again could count it twice.",
  waiting: "It is waiting to be sent already.",
  skipped: "It was skipped, so there is nothing to send again.",
  late: "It happened more than 6 days 20 hours ago: Pinterest would no longer take it.",
  no_body: "Its payload was deleted or can't be decrypted, so the same event can't be sent again.",
  changed: "It was sent again, or ended otherwise, just now.",
  unknown: "This shop has no such event.",
} as const satisfies Record<ReplayLeft, string>;
