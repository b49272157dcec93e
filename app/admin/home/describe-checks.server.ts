import type { BrowserData } from "#app/admin/shell/describe-browser.server.ts";
import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { LATE_MS } from "#app/admin/shell/problems/connection-problems.server.ts";
import type { ProblemFacts } from "#app/admin/shell/problems/read-problem-facts.server.ts";
import { browserTexts } from "#app/admin/shell/texts.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { homeTexts } from "./texts.ts";

export interface Check {
  id: string;
  name: string;
  state: "ok" | "waiting" | "problem" | "unknown";
  text: string;
  /** Follows the text. */
  at: Moment | null;
}

export interface CheckFacts extends Pick<ProblemFacts, "connection" | "oldestOverdueAt"> {
  lastWebhookAt: Date | null;
  /** Orders that Shopify has and we have no event of. */
  missing: number;
  /** The counts of 24 hours. */
  lastDay: { accepted: number; rejected: number };
  oldestWaitingAt: Date | null;
  browser: BrowserData;
}

const texts = homeTexts.checks;

/** One row for each thing that has to work. What only the browser can ask is not among them. */
export function describeChecks(facts: CheckFacts, format: Formatter): Check[] {
  return [
    describeOrders(facts, format),
    describePixel(facts),
    describeSending(facts, format),
    describeAccepting(facts, format),
    ...describeSignIn(facts, format),
  ];
}

function describeOrders({ lastWebhookAt, missing }: CheckFacts, format: Formatter): Check {
  const row = { id: "orders", name: texts.orders };
  if (lastWebhookAt === null) return { ...row, state: "waiting", text: texts.ordersNone, at: null };
  const state = missing > 0 ? "problem" : "ok";
  return { ...row, state, text: texts.ordersLast, at: format.relative(lastWebhookAt) };
}

function describePixel({ browser }: CheckFacts): Check {
  const { state, text, at } = browser.pixel;
  return { id: "pixel", name: browserTexts.pixel, state, text, at };
}

function describeSending(facts: CheckFacts, format: Formatter): Check {
  const { connection, oldestWaitingAt, oldestOverdueAt } = facts;
  const row = { id: "sending", name: texts.sending };
  if (connection === null) return { ...row, state: "waiting", text: texts.sendingNone, at: null };
  if (connection.state === "paused") {
    const isWished = connection.pauseReason === "merchant";
    const at = format.moment(connection.pausedAt);
    return isWished
      ? { ...row, state: "waiting", text: texts.sendingPaused, at }
      : { ...row, state: "problem", text: texts.sendingStopped, at };
  }
  if (oldestWaitingAt === null)
    return { ...row, state: "ok", text: texts.sendingNothing, at: null };
  const isLate =
    oldestOverdueAt !== null && format.now.getTime() - oldestOverdueAt.getTime() >= LATE_MS;
  const at = format.relative(oldestWaitingAt);
  return { ...row, state: isLate ? "problem" : "ok", text: texts.sendingWaits, at };
}

function describeAccepting({ lastDay }: CheckFacts, format: Formatter): Check {
  const row = { id: "accepts", name: texts.accepts, at: null };
  const whole = lastDay.accepted + lastDay.rejected;
  if (whole === 0) return { ...row, state: "waiting", text: texts.acceptsNone };
  const text = formatMessage(texts.acceptsShare, {
    share: format.percent(lastDay.accepted, whole),
    part: format.number(lastDay.accepted),
    whole: format.number(whole),
  });
  return { ...row, state: lastDay.rejected * 2 > whole ? "problem" : "ok", text };
}

function describeSignIn({ connection }: CheckFacts, format: Formatter): Check[] {
  if (connection === null) return [];
  const row = { id: "sign-in", name: texts.signIn, at: null };
  const { endsAt, renewalFailedAt, kind } = connection;
  if (kind === "pasted" || endsAt === null) {
    return [{ ...row, state: "unknown", text: texts.signInPasted }];
  }
  const hasFailed = renewalFailedAt !== null;
  const date = format.day(format.dayOf(endsAt));
  const text = formatMessage(hasFailed ? texts.signInFailed : texts.signInEnds, { date });
  return [{ ...row, state: hasFailed ? "problem" : "ok", text }];
}
