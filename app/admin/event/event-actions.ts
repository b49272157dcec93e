import {
  type EventState,
  isTooOld,
  NEVER_REBUILT_REASONS,
  type SkipReason,
} from "#app/events/event-state.ts";
import { findReplayBar } from "#app/events/replay-rule.ts";

/** What decides what a person may do with an event. */
export interface ActionFacts {
  state: EventState;
  reason: string | null;
  kind: string;
  /** Only an order can be read again from Shopify. */
  orderId: string | null;
  /** Unix seconds. */
  eventTime: number;
  nowSeconds: number;
  /** Its body is kept and can be opened. */
  hasBody: boolean;
  /** When it is tried next; unix milliseconds. */
  nextAtMs: number | null;
  connection: "none" | "active" | "paused";
}

/** Why something can't be done. */
export const ACTION_BARS = [
  "accepted",
  "late",
  "no_body",
  "sending",
  "due",
  "paused",
  "not_connected",
  "no_order",
  "consent_refused",
  "redacted",
  "duplicate",
] as const;

export type ActionBar = (typeof ACTION_BARS)[number];

/** Null: makes no sense for an event in this state. */
export type ActionOffer = "offered" | ActionBar | null;

export interface EventActions {
  /** Not to wait for the next try. */
  sendNow: ActionOffer;
  /** The same body under the same id. */
  sendAgain: ActionOffer;
  /** A body made anew of the order, under the same id. */
  rebuild: ActionOffer;
}

export type ActionName = keyof EventActions;

/** What a person may do with an event. Asked for the screen, and again before it is done. */
export function judgeActions(facts: ActionFacts): EventActions {
  return {
    sendNow: judgeSendNow(facts),
    sendAgain: judgeSendAgain(facts),
    rebuild: facts.state === "rejected" || facts.state === "skipped" ? judgeRebuild(facts) : null,
  };
}

function judgeSendNow({ state, connection, nextAtMs, nowSeconds }: ActionFacts): ActionOffer {
  if (state === "sending") return "sending";
  if (state !== "held" && state !== "pending") return null;
  if (connection === "none") return "not_connected";
  if (connection === "paused") return "paused";
  return nextAtMs !== null && nextAtMs <= nowSeconds * 1_000 ? "due" : "offered";
}

/** An event that waits or was skipped has another action, so the page says nothing about this one. */
function judgeSendAgain(facts: ActionFacts): ActionOffer {
  const { state, hasBody: hasPayload } = facts;
  const bar = findReplayBar({ state, isLate: isLate(facts), hasPayload });
  if (bar === "waiting" || bar === "skipped") return null;
  return bar ?? "offered";
}

function judgeRebuild(facts: ActionFacts): ActionOffer {
  const barred = NEVER_REBUILT_REASONS.find((reason) => reason === facts.reason);
  if (facts.state === "skipped" && isBar(barred)) return barred;
  if (facts.kind !== "checkout" || facts.orderId === null) return "no_order";
  return isLate(facts) ? "late" : "offered";
}

function isBar(reason: SkipReason | undefined): reason is SkipReason & ActionBar {
  return ACTION_BARS.some((bar) => bar === reason);
}

function isLate({ eventTime, nowSeconds }: ActionFacts): boolean {
  return isTooOld(eventTime, nowSeconds);
}
