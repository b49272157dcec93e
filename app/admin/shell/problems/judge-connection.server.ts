import { toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import { SENDABLE_SECONDS } from "#app/events/event-window.ts";
import type { Problem } from "./problem.ts";
import type { ConnectionFacts, ProblemFacts } from "./read-problem-facts.server.ts";
import { actorWords, keptTexts, problemTexts } from "./texts.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A purchase that reaches Pinterest more than an hour late cannot be told from a second one. */
export const LATE_MS = 30 * MINUTE_MS;
const LIMIT_IS_NEWS_MS = 15 * MINUTE_MS;
const ENDING_DAYS = 7;
/** One or two lost answers are everyday life. */
const FEWEST_LOST = 3;

const CONNECTION_URL = "/app/settings/connection";
const WAITING_URL = `/app/events?${toEventQuery({ tab: "waiting" })}`;
const LONGEST_ANSWER = 200;
const {
  connectionRefused,
  roleMissing,
  accountUnknown,
  stoppedByFault,
  allRefused,
  sendingLate,
  pinterestDown,
  rateLimited,
  paused,
  signInEnding,
} = problemTexts;

/** What is amiss between the shop and Pinterest, in the catalogue's order. */
export function judgeConnection(facts: ProblemFacts, format: Formatter): Problem[] {
  const { connection } = facts;
  if (connection === null) return [];
  // That there is no plan is said of the plan, not of the connection.
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
  return say(keptTexts.kept, {
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
  const place = "banner" as const;
  switch (connection.pauseReason) {
    case "merchant": {
      const { id, title, action } = paused;
      const who = whoIs(connection.pausedBy);
      const date = format.moment(connection.pausedAt).text;
      const cause = say(paused.cause, { who, date });
      const nextStep = say(paused.nextStep, { kept });
      const resume = { label: action, intent: "resume" as const };
      return { id, severity: "warning", place, title, cause, nextStep, action: resume };
    }
    case "forbidden":
    case "account_not_found": {
      const text = connection.pauseReason === "forbidden" ? roleMissing : accountUnknown;
      return {
        id: text.id,
        severity: "critical",
        place,
        title: say(text.title, { account }),
        cause: say(text.cause, {}),
        nextStep: say(text.nextStep, { kept }),
        action: { label: text.action, url: CONNECTION_URL },
      };
    }
    case "internal": {
      const { id, title, action } = stoppedByFault;
      const cause = say(stoppedByFault.cause, { detail: connection.troubleDetail ?? "" });
      const nextStep = say(stoppedByFault.nextStep, { kept });
      const help = { label: action, url: "/app/help" };
      return { id, severity: "critical", place, title, cause, nextStep, action: help };
    }
    default: {
      const time = format.moment(connection.pausedAt).text;
      return {
        id: connectionRefused.id,
        severity: "critical",
        place,
        title: connectionRefused.title,
        cause: say(connectionRefused.cause, { time }),
        nextStep: say(connectionRefused.nextStep, { kept }),
        action: { label: connectionRefused.action, url: CONNECTION_URL },
      };
    }
  }
}

/** The backlog is kept, but nothing goes out. */
function describeRefusal({ trouble, troubleDetail }: ConnectionFacts): Problem | null {
  if (trouble !== "all_refused") return null;
  const { id, title, nextStep, action } = allRefused;
  const cause = say(allRefused.cause, { text: (troubleDetail ?? "").slice(0, LONGEST_ANSWER) });
  const link = { label: action, url: WAITING_URL };
  return { id, severity: "critical", place: "banner", title, cause, nextStep, action: link };
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
  return {
    id: sendingLate.id,
    severity: "critical",
    place: "banner",
    title: say(sendingLate.title, { m, count: format.number(m) }),
    cause: say(sendingLate.cause, { m, count: format.number(m) }),
    nextStep: sendingLate.nextStep,
    action: { label: sendingLate.action, url: WAITING_URL },
  };
}

function describeOutage({ attempts }: ProblemFacts, format: Formatter): Problem | null {
  const firstAnswered = attempts.findIndex(
    // Refusals that are not believed yet, or are everybody's: an active connection has no others.
    ({ outcome }) => outcome !== "unknown" && outcome !== "not_authorized",
  );
  const lost = firstAnswered === -1 ? attempts : attempts.slice(0, firstAnswered);
  const first = lost.at(-1);
  if (first === undefined || lost.length < FEWEST_LOST) return null;
  const { id, title, nextStep } = pinterestDown;
  const time = format.moment(first.startedAt).text;
  const cause = say(pinterestDown.cause, { n: lost.length, time });
  return { id, severity: "warning", place: "banner", title, cause, nextStep, action: null };
}

function describeLimit(
  { adAccountId, accountName, notBefore }: ConnectionFacts,
  { attempts }: ProblemFacts,
  format: Formatter,
): Problem | null {
  const [latest] = attempts;
  if (latest?.outcome !== "rate_limited") return null;
  if (format.now.getTime() - latest.startedAt.getTime() > LIMIT_IS_NEWS_MS) return null;
  const { id, title, nextStep } = rateLimited;
  const account = accountName ?? adAccountId;
  const time = format.moment(notBefore ?? format.now).text;
  const cause = say(rateLimited.cause, { account, time });
  return { id, severity: "warning", place: "attention", title, cause, nextStep, action: null };
}

/** A pasted token has no lifetime that we could read. */
function describeEnding(
  { kind, endsAt, renewalFailedAt }: ConnectionFacts,
  format: Formatter,
): Problem | null {
  if (kind !== "sign_in" || endsAt === null) return null;
  if (endsAt.getTime() - format.now.getTime() > ENDING_DAYS * DAY_MS) return null;
  const { id, nextStep, action, causeUnknown } = signInEnding;
  const day = (date: Date) => format.day(format.dayOf(date));
  const cause =
    renewalFailedAt === null
      ? causeUnknown
      : say(signInEnding.cause, { since: format.moment(renewalFailedAt).text });
  const title = say(signInEnding.title, { date: day(endsAt) });
  const link = { label: action, url: CONNECTION_URL };
  return { id, severity: "warning", place: "banner", title, cause, nextStep, action: link };
}
