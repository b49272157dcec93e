import { type EventFilter, toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { MATCH_KEYS, type MatchKey } from "#app/events/match-keys.ts";
import type { Problem } from "./problem.ts";
import type { ProblemFacts } from "./read-problem-facts.server.ts";
import { problemTexts } from "./texts.ts";

/** Share of refused events in an hour from which on it is no single order's fault. */
const MANY_REFUSED = 0.05;
const MANY_UNMATCHED = 0.05;
/** A shop with three sales of which one lacks an email has nothing to mend. */
const FEWEST_PURCHASES = 20;
const FEWEST_WEB_ORDERS = 5;
const LONGEST_ANSWER = 200;

/** As Pinterest's validator names a key that it does not know. */
const UNKNOWN_FIELD =
  /\('(?<unexpected>[\w.]+)' was unexpected\)|unknown (?:field|key|property)[\s:]+['"`]?(?<unknown>[\w.]+)/i;
const CURRENCY = /currency/i;

/** Keys that only Shopify's protected customer data has. */
const CUSTOMER_KEYS: readonly MatchKey[] = ["em", "ph", "fn", "ln", "ct", "zp"];
const CUSTOMER_BITS = CUSTOMER_KEYS.reduce((bits, key) => bits | (1 << MATCH_KEYS.indexOf(key)), 0);

const { eventsRefused, fieldUnknown, currencyMissing, unmatchedShare, ranOutOfTime } = problemTexts;

/** What is amiss with events that came to their end, in the catalogue's order. */
export function judgeEvents(facts: ProblemFacts, format: Formatter): Problem[] {
  return [
    describeRefused(facts, format),
    describeUnknownField(facts, format),
    describeCurrency(facts, format),
    describeUnmatched(facts, format),
    describeExpired(facts, format),
  ].filter((problem) => problem !== null);
}

/** Whether the latest purchases of the online store came without a word of who bought. */
export function lacksCustomerData({ webKeyBits }: ProblemFacts): boolean {
  return (
    webKeyBits.length >= FEWEST_WEB_ORDERS &&
    webKeyBits.every((bits) => (bits & CUSTOMER_BITS) === 0)
  );
}

type Refused = ProblemFacts["refused"];

const speaksOfField = ({ reason }: Refused[number]) => UNKNOWN_FIELD.test(reason ?? "");
const speaksOfCurrency = (row: Refused[number]) =>
  !speaksOfField(row) && CURRENCY.test(row.reason ?? "");
const sum = (rows: readonly { n: number }[]) => rows.reduce((all, { n }) => all + n, 0);

function describeRefused({ refused, lastHour }: ProblemFacts, format: Formatter): Problem | null {
  const purchases = refused.filter(({ kind }) => kind === "checkout");
  const [first] = purchases.filter((row) => !speaksOfField(row) && !speaksOfCurrency(row));
  if (first === undefined) return null;
  const n = sum(purchases);
  const isMany = lastHour.rejected > MANY_REFUSED * (lastHour.accepted + lastHour.rejected);
  return row(eventsRefused, {
    severity: isMany ? "critical" : "warning",
    title: say(eventsRefused.title, { n, count: format.number(n) }),
    cause: say(eventsRefused.cause, { text: (first.reason ?? "").slice(0, LONGEST_ANSWER) }),
    filter: { kinds: ["checkout"], states: ["rejected"] },
  });
}

function describeUnknownField({ refused }: ProblemFacts, format: Formatter): Problem | null {
  const rows = refused.filter(speaksOfField);
  const match = UNKNOWN_FIELD.exec(rows[0]?.reason ?? "");
  if (match === null) return null;
  const n = sum(rows);
  const { id, title, nextStep, action } = fieldUnknown;
  return {
    id,
    severity: "critical",
    place: "attention",
    title,
    cause: say(fieldUnknown.cause, {
      key: match.groups?.unexpected ?? match.groups?.unknown ?? "",
      n,
      count: format.number(n),
    }),
    nextStep,
    action: { label: action, url: "/app/help" },
  };
}

function describeCurrency({ refused }: ProblemFacts, format: Formatter): Problem | null {
  const n = sum(refused.filter(speaksOfCurrency));
  if (n === 0) return null;
  return row(currencyMissing, {
    severity: "warning",
    title: say(currencyMissing.title, { n, count: format.number(n) }),
    cause: currencyMissing.cause,
    filter: { states: ["rejected"] },
  });
}

function describeUnmatched({ purchases }: ProblemFacts, format: Formatter): Problem | null {
  const { all, unmatched } = purchases;
  if (all < FEWEST_PURCHASES || unmatched < MANY_UNMATCHED * all) return null;
  return row(unmatchedShare, {
    severity: "warning",
    title: say(unmatchedShare.title, { p: format.percent(unmatched, all) }),
    cause: say(unmatchedShare.cause, {
      count: format.number(unmatched),
      all: format.number(all),
    }),
    filter: { kinds: ["checkout"], sources: ["store"], reasons: ["no_match_key"] },
  });
}

function describeExpired({ expired }: ProblemFacts, format: Formatter): Problem | null {
  const n = sum(expired);
  if (n === 0) return null;
  const reason = expired.some(({ wasTried }) => wasTried)
    ? ranOutOfTime.tried
    : ranOutOfTime.neverTried;
  return row(ranOutOfTime, {
    severity: "warning",
    title: say(ranOutOfTime.title, { n, count: format.number(n) }),
    cause: say(ranOutOfTime.cause, { reason }),
    filter: { states: ["expired"], period: { days: 15 } },
  });
}

/** A row of the list of what needs attention, with its events behind it. */
function row(
  text: { id: string; nextStep: string; action: string },
  {
    filter,
    ...facts
  }: Pick<Problem, "severity" | "title" | "cause"> & { filter: Partial<EventFilter> },
): Problem {
  return {
    id: text.id,
    place: "attention",
    ...facts,
    nextStep: say(text.nextStep, {}),
    action: { label: text.action, url: `/app/events?${toEventQuery(filter)}` },
  };
}
