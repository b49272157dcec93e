import { toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { actorWords, keptTexts } from "#app/admin/shell/texts.ts";
import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { Problem } from "#app/events/notices/notice.ts";
import type { ConnectionFacts, ProblemFacts } from "./read-problem-facts.server.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Pinterest cannot deduplicate a purchase that arrives more than an hour late. */
export const LATE_MS = 30 * MINUTE_MS;
const LIMIT_IS_NEWS_MS = 15 * MINUTE_MS;
const ENDING_DAYS = 7;
/** One or two lost answers are normal. */
const FEWEST_LOST = 3;

const CONNECTION_URL = "/app/settings/connection";
const WAITING_URL = `/app/events?${toEventQuery({ tab: "waiting" })}`;
const LONGEST_ANSWER = 200;
/** Lists the problems between the shop and Pinterest, in the catalogue's order. */
export function listConnectionProblems(facts: ProblemFacts, format: Formatter): Problem[] {
  const { connection } = facts;
  if (connection === null) return [];
  // A missing plan is a problem of its own (`findBillingProblem`), not one of the connection.
  if (connection.pauseReason === BILLING_PAUSE) return [];
  if (connection.state === "paused") return [describePause(connection, facts, format)];
  return [
    describeRefusal(connection),
    describeDelay(facts, format),
    describeOutage(facts, format),
    describeLimit(connection, facts, format),
    describeEnding(connection, format),
  ].filter((problem) => problem !== null);
}

/** `14 events are kept until Dec 1.` */
function describeKept(
  { waiting, oldestWaitingAt }: Pick<ProblemFacts, "waiting" | "oldestWaitingAt">,
  format: Formatter,
): string {
  if (waiting === 0 || oldestWaitingAt === null) return keptTexts.none;
  const endsAt = new Date(oldestWaitingAt.getTime() + SENDABLE_SECONDS * 1_000);
  return formatMessage(keptTexts.kept, {
    n: waiting,
    count: format.number(waiting),
    date: format.day(format.dayOf(endsAt)),
  });
}

function describePause(
  connection: ConnectionFacts,
  facts: ProblemFacts,
  format: Formatter,
): Problem {
  const kept = describeKept(facts, format);
  const account = connection.accountName ?? connection.adAccountId;
  const time = format.moment(connection.pausedAt).text;
  const critical = { severity: "critical", place: "banner" } as const;
  const link = (label: string) => ({ label, url: CONNECTION_URL });
  switch (connection.pauseReason) {
    case "merchant": {
      const who = whoIs(connection.pausedBy);
      const { action, ...notice } = formatNotice("paused.banner", { who, date: time, kept });
      const resume = { label: action, intent: "resume" as const };
      return { ...notice, severity: "warning", place: "banner", action: resume };
    }
    case "forbidden":
    case "account_not_found": {
      const key =
        connection.pauseReason === "forbidden" ? "role_missing.banner" : "role_missing.hidden";
      const { action, ...notice } = formatNotice(key, { account, kept });
      return { ...notice, ...critical, action: link(action) };
    }
    case "internal": {
      const detail = connection.troubleDetail ?? "";
      const { action, ...notice } = formatNotice("stopped_by_fault.banner", { detail, kept });
      return { ...notice, ...critical, action: { label: action, url: "/app/help" } };
    }
    default: {
      const { action, ...notice } = formatNotice("connection_refused.banner", { time, kept });
      return { ...notice, ...critical, action: link(action) };
    }
  }
}

/** Every event is rejected: the backlog is kept, but nothing is sent. */
function describeRefusal({ trouble, troubleDetail }: ConnectionFacts): Problem | null {
  if (trouble !== "all_refused") return null;
  const text = (troubleDetail ?? "").slice(0, LONGEST_ANSWER);
  const { action, ...notice } = formatNotice("all_refused.banner", { text });
  const link = { label: action, url: WAITING_URL };
  return { ...notice, severity: "critical", place: "banner", action: link };
}

function whoIs(actor: string | null): string {
  if (actor?.startsWith("user:") ?? true) return actorWords.user;
  return actor === "cli" ? actorWords.cli : actorWords.system;
}

function describeDelay({ oldestOverdueAt }: ProblemFacts, format: Formatter): Problem | null {
  if (oldestOverdueAt === null) return null;
  const ageMs = format.now.getTime() - oldestOverdueAt.getTime();
  if (ageMs < LATE_MS) return null;
  const m = Math.floor(ageMs / MINUTE_MS);
  const values = { m, count: format.number(m) };
  const { action, ...notice } = formatNotice("sending_late.banner", values);
  const link = { label: action, url: WAITING_URL };
  return { ...notice, severity: "critical", place: "banner", action: link };
}

function describeOutage({ attempts }: ProblemFacts, format: Formatter): Problem | null {
  const firstAnswered = attempts.findIndex(
    // A refused access counts as unanswered: while the connection is active it is not confirmed
    // yet, or every ad account gets it.
    ({ outcome }) => outcome !== "unknown" && outcome !== "not_authorized",
  );
  const lost = firstAnswered === -1 ? attempts : attempts.slice(0, firstAnswered);
  const first = lost.at(-1);
  if (first === undefined || lost.length < FEWEST_LOST) return null;
  const time = format.moment(first.startedAt).text;
  const notice = formatNotice("pinterest_down.banner", { n: lost.length, time });
  return { ...notice, severity: "warning", place: "banner", action: null };
}

function describeLimit(
  { adAccountId, accountName, notBefore }: ConnectionFacts,
  { attempts }: ProblemFacts,
  format: Formatter,
): Problem | null {
  const [latest] = attempts;
  if (latest?.outcome !== "rate_limited") return null;
  if (format.now.getTime() - latest.startedAt.getTime() > LIMIT_IS_NEWS_MS) return null;
  const account = accountName ?? adAccountId;
  const time = format.moment(notBefore ?? format.now).text;
  const notice = formatNotice("rate_limited.banner", { account, time });
  return { ...notice, severity: "warning", place: "attention", action: null };
}

/** Warns before a sign-in ends. The lifetime of a pasted token is not known. */
function describeEnding(
  { kind, endsAt, renewalFailedAt }: ConnectionFacts,
  format: Formatter,
): Problem | null {
  if (kind !== "sign_in" || endsAt === null) return null;
  if (endsAt.getTime() - format.now.getTime() > ENDING_DAYS * DAY_MS) return null;
  const date = format.day(format.dayOf(endsAt));
  const { action, ...notice } =
    renewalFailedAt === null
      ? formatNotice("sign_in_ending.untried", { date })
      : formatNotice("sign_in_ending.banner", {
          date,
          since: format.moment(renewalFailedAt).text,
        });
  const link = { label: action, url: CONNECTION_URL };
  return { ...notice, severity: "warning", place: "banner", action: link };
}

const BILLING_URL = "/app/settings/billing";

/**
 * The problem of a shop without an active plan, where the operator charges. `endsAt`: when
 * sending pauses or has paused; null while there is nothing to warn of.
 */
export function findBillingProblem(
  billing: { endsAt: Date | null } | null,
  format: Formatter,
): Problem | null {
  const endsAt = billing?.endsAt ?? null;
  if (endsAt === null) return null;
  const isOverdue = endsAt <= format.now;
  const { action, ...notice } = formatNotice(
    isOverdue ? "plan_overdue.banner" : "plan_missing.banner",
    { date: format.day(format.dayOf(endsAt)) },
  );
  return {
    ...notice,
    severity: isOverdue ? "critical" : "warning",
    place: "banner",
    action: { label: action, url: BILLING_URL },
  };
}
