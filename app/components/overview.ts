import { describeNextSteps, type NextStep } from "./describe-next-steps.ts";
import { formatMoment, formatNumber, formatZone, type Moment } from "./format-moment.ts";
import type { OverviewFacts } from "./overview-facts.ts";

export interface OverviewContext {
  /** `demo.myshopify.com` */
  shop: string;
  now: Date;
  /** IANA name. */
  timeZone: string;
  /** Base of every call to Pinterest. */
  pinterestApiUrl: string;
}

export type Tone = "success" | "attention" | "warning" | "critical";

export interface Count {
  label: string;
  /** As written. */
  number: string;
  /** Absent: nothing to be glad of or to worry about. */
  tone?: Tone;
}

export interface Check {
  name: string;
  state: "ok" | "waiting" | "problem";
  text: string;
  /** Follows the text. */
  at: Moment | null;
}

/** The page in words, ready to be shown. */
export interface Overview {
  badge: { label: string; tone?: Tone };
  isTestApi: boolean;
  /** Empty as long as nothing was received. */
  sentence: string;
  counts: Count[];
  checks: Check[];
  nextSteps: NextStep[];
  updatedAt: Moment;
  zone: string;
}

/** A purchase that reaches Pinterest more than an hour late cannot be told from a second one. */
const LATE_MS = 30 * 60 * 1000;

/** Puts what is known of a shop into a merchant's words. */
export function describeOverview(facts: OverviewFacts, context: OverviewContext): Overview {
  const { now, timeZone, pinterestApiUrl } = context;
  const isLate = isSendingLate(facts, now);
  return {
    badge: badgeOf(facts, isLate),
    isTestApi: new URL(pinterestApiUrl).hostname !== "api.pinterest.com",
    sentence: facts.counts.received === 0 ? "" : sentenceOf(facts),
    counts: countsOf(facts),
    checks: checksOf(facts, context, isLate),
    nextSteps: describeNextSteps({ ...facts, isLate }, context.shop),
    updatedAt: formatMoment(now, now, timeZone),
    zone: formatZone(now, timeZone),
  };
}

function isSendingLate({ connection, oldestPendingAt }: OverviewFacts, now: Date): boolean {
  if (connection.state !== "active" || oldestPendingAt === null) return false;
  return now.getTime() - oldestPendingAt.getTime() > LATE_MS;
}

function badgeOf({ connection }: OverviewFacts, isLate: boolean): Overview["badge"] {
  if (connection.state === "none") return { label: "Not connected" };
  if (connection.state === "active") {
    return isLate ? { label: "Late", tone: "attention" } : { label: "Sending", tone: "success" };
  }
  return connection.pauseReason === "merchant"
    ? { label: "Paused", tone: "warning" }
    : { label: "Needs attention", tone: "critical" };
}

function sentenceOf({ counts, connection }: OverviewFacts): string {
  const received = counts.received === 1 ? "1 event" : `${formatNumber(counts.received)} events`;
  const terms = [
    `${formatNumber(counts.accepted)} accepted by Pinterest`,
    `${formatNumber(counts.rejected)} refused by Pinterest`,
    `${formatNumber(counts.skipped)} not sent`,
    `${formatNumber(counts.expired)} too late`,
    `${formatNumber(counts.pending)} ${waitingLabel(connection).toLowerCase()}`,
  ];
  return `${received} received = ${terms.join(" + ")}`;
}

/** What events that were not sent yet wait for. */
function waitingLabel({ state, pauseReason }: OverviewFacts["connection"]): string {
  if (state !== "paused") return "Queued";
  return pauseReason === "merchant" ? "Kept while paused" : "Kept until you reconnect";
}

function countsOf({ counts, connection }: OverviewFacts): Count[] {
  const { accepted, rejected, skipped, expired, pending } = counts;
  const count = (label: string, n: number, tone?: Tone): Count => ({
    label,
    number: formatNumber(n),
    // A red zero would frighten for nothing.
    ...(n > 0 && tone !== undefined && { tone }),
  });
  return [
    count("Accepted by Pinterest", accepted, "success"),
    count("Refused by Pinterest", rejected, "critical"),
    count("Not sent", skipped),
    count("Too late", expired, "critical"),
    count(waitingLabel(connection), pending, connection.state === "paused" ? "warning" : undefined),
  ];
}

function checksOf(facts: OverviewFacts, context: OverviewContext, isLate: boolean): Check[] {
  const { connection, lastWebhookAt, lastAcceptedAt, oldestPendingAt } = facts;
  const moment = (at: Date | null) =>
    at === null ? null : formatMoment(at, context.now, context.timeZone);
  const hasWebhook = lastWebhookAt !== null;
  const isActive = connection.state === "active";
  const hasAccepted = lastAcceptedAt !== null;
  return [
    {
      name: "Orders coming in",
      state: hasWebhook ? "ok" : "waiting",
      text: hasWebhook ? "Last message from Shopify" : "Shopify has sent no message yet",
      at: moment(lastWebhookAt),
    },
    { name: "Pinterest connection", at: null, ...connectionCheck(connection) },
    {
      name: "Waiting to be sent",
      state: isLate ? "problem" : isActive || oldestPendingAt === null ? "ok" : "waiting",
      text: oldestPendingAt === null ? "Nothing is waiting" : "Oldest waiting since",
      at: moment(oldestPendingAt),
    },
    {
      name: "Pinterest accepts",
      state: hasAccepted ? "ok" : "waiting",
      text: hasAccepted
        ? "Last accepted"
        : isActive
          ? "Pinterest has accepted no event yet"
          : "Nothing has been sent yet",
      at: moment(lastAcceptedAt),
    },
  ];
}

function connectionCheck(connection: OverviewFacts["connection"]): Pick<Check, "state" | "text"> {
  const account = `ad account ${connection.adAccountId}`;
  if (connection.state === "none") return { state: "waiting", text: "Not connected yet" };
  if (connection.state === "active") return { state: "ok", text: `Connected to ${account}` };
  return { state: "problem", text: `Sending to ${account} is stopped` };
}
