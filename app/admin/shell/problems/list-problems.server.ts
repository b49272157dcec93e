import { type EventFilter, toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { outOfTimeTexts } from "#app/admin/shell/texts.ts";
import { findCause } from "#app/alerts/causes.server.ts";
import { CUSTOMER_BITS } from "#app/events/match-keys.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { Notice, Problem } from "#app/events/notices/notice.ts";
import { findFieldName, findSubject } from "#app/events/pinterest-words.ts";
import { findMissingScopes, listBrowserProblems } from "./browser-problems.server.ts";
import { findBillingProblem, listConnectionProblems } from "./connection-problems.server.ts";
import type { ProblemFacts } from "./read-problem-facts.server.ts";

/** Lists all current problems of a shop, in the catalogue's order. */
export function listProblems(
  facts: ProblemFacts,
  neededScopes: readonly string[],
  format: Formatter,
): Problem[] {
  const known = [
    ...listConnectionProblems(facts, format),
    ...listEventProblems(facts, format),
    findBillingProblem(facts.shop.billing, format),
    ...listBrowserProblems(facts.browser, facts.shop.scopes, format),
    ...listStoreProblems(facts, neededScopes),
  ].filter((problem) => problem !== null);
  return [...known, ...listAlertProblems(facts.alerts, known, format)];
}

const RANK = { critical: 0, warning: 1, info: 2 } as const;

/**
 * Chooses the banner of every page: the worst problem, and of those the first of the
 * catalogue. Null: none is bad enough, or all are rows by nature.
 */
export function chooseBanner(problems: readonly Problem[]): Problem | null {
  const banners = problems.filter(({ place }) => place === "banner");
  return banners.toSorted((a, b) => RANK[a.severity] - RANK[b.severity])[0] ?? null;
}

function listStoreProblems(facts: ProblemFacts, needed: readonly string[]): Problem[] {
  return [describeScopes(facts, needed), describeCustomerData(facts)].filter(
    (problem) => problem !== null,
  );
}

/** Without these nothing can be sent; the app works in part without the others. */
const NEEDED_SCOPES = ["read_orders", "read_customers"];

function describeScopes({ shop }: ProblemFacts, needed: readonly string[]): Problem | null {
  // The scopes of a shop that the command line made are not known yet.
  if (shop.scopes === "") return null;
  const stopping = needed.filter((scope) => NEEDED_SCOPES.includes(scope));
  const missing = findMissingScopes(shop.scopes.split(","), stopping);
  if (missing.length === 0) return null;
  const notice = formatNotice("scopes_missing", { scopes: missing.join(", ") });
  return { ...notice, severity: "critical", place: "banner", action: null };
}

function describeCustomerData(facts: ProblemFacts): Problem | null {
  if (!lacksCustomerData(facts)) return null;
  const notice = formatNotice("customer_data_missing", {});
  return { ...notice, severity: "critical", place: "banner", action: null };
}

/**
 * The alerts that last, in words; but for what is found anew at each look, and what the same entry
 * of the catalogue says already.
 */
function listAlertProblems(
  alerts: ProblemFacts["alerts"],
  known: readonly Problem[],
  format: Formatter,
): Problem[] {
  const writer = { number: format.number, day: (date: Date) => format.day(format.dayOf(date)) };
  return alerts.flatMap(({ cause, facts }) => {
    const rule = findCause(cause);
    if (rule === undefined || rule.isShownLive) return [];
    const { action, ...notice } = rule.describe(facts, writer);
    if (known.some(({ id }) => id === notice.id)) return [];
    const link = action === undefined ? null : { label: action, url: `/app${rule.path}` };
    return [{ ...notice, severity: rule.severity, place: "banner" as const, action: link }];
  });
}

/** The share of rejected events in an hour above which no single order is the cause. */
const MANY_REFUSED = 0.05;
const MANY_UNMATCHED = 0.05;
/** Among fewer purchases, one without an email would be a large share. */
const FEWEST_PURCHASES = 20;
const FEWEST_WEB_ORDERS = 5;
const LONGEST_ANSWER = 200;

/** Lists the problems with settled events, in the catalogue's order. */
function listEventProblems(facts: ProblemFacts, format: Formatter): Problem[] {
  return [
    describeRefused(facts, format),
    describeUnknownField(facts, format),
    describeCurrency(facts, format),
    describeUnmatched(facts, format),
    describeExpired(facts, format),
  ].filter((problem) => problem !== null);
}

/** Returns whether the latest purchases of the online store all lack customer details. */
function lacksCustomerData({ webKeyBits }: ProblemFacts): boolean {
  return (
    webKeyBits.length >= FEWEST_WEB_ORDERS &&
    webKeyBits.every((bits) => (bits & CUSTOMER_BITS) === 0)
  );
}

type Refused = ProblemFacts["refused"];

const speaksOfField = ({ reason }: Refused[number]) => findSubject(reason ?? "") === "field";
const speaksOfCurrency = ({ reason }: Refused[number]) => findSubject(reason ?? "") === "currency";
const sum = (rows: readonly { n: number }[]) => rows.reduce((all, { n }) => all + n, 0);

function describeRefused({ refused, lastHour }: ProblemFacts, format: Formatter): Problem | null {
  const purchases = refused.filter(({ kind }) => kind === "checkout");
  const [first] = purchases.filter((row) => !speaksOfField(row) && !speaksOfCurrency(row));
  if (first === undefined) return null;
  const n = sum(purchases);
  const isMany = lastHour.rejected > MANY_REFUSED * (lastHour.accepted + lastHour.rejected);
  const text = (first.reason ?? "").slice(0, LONGEST_ANSWER);
  const notice = formatNotice("events_refused.banner", { n, count: format.number(n), text });
  const severity = isMany ? "critical" : "warning";
  return toRow(notice, { kinds: ["checkout"], states: ["rejected"] }, severity);
}

function describeUnknownField({ refused }: ProblemFacts, format: Formatter): Problem | null {
  const rows = refused.filter(speaksOfField);
  const [first] = rows;
  if (first === undefined) return null;
  const n = sum(rows);
  const { action, ...notice } = formatNotice("field_unknown.banner", {
    key: findFieldName(first.reason ?? ""),
    n,
    count: format.number(n),
  });
  const link = { label: action, url: "/app/help" };
  return { ...notice, severity: "critical", place: "attention", action: link };
}

function describeCurrency({ refused }: ProblemFacts, format: Formatter): Problem | null {
  const n = sum(refused.filter(speaksOfCurrency));
  if (n === 0) return null;
  const notice = formatNotice("currency_missing.banner", { n, count: format.number(n) });
  return toRow(notice, { states: ["rejected"] });
}

function describeUnmatched({ purchases }: ProblemFacts, format: Formatter): Problem | null {
  const { all, unmatched } = purchases;
  if (all < FEWEST_PURCHASES || unmatched < MANY_UNMATCHED * all) return null;
  const notice = formatNotice("unmatched_share.banner", {
    p: format.percent(unmatched, all),
    count: format.number(unmatched),
    all: format.number(all),
  });
  return toRow(notice, { kinds: ["checkout"], sources: ["store"], reasons: ["no_match_key"] });
}

function describeExpired({ expired }: ProblemFacts, format: Formatter): Problem | null {
  const n = sum(expired);
  if (n === 0) return null;
  const wasTried = expired.some((event) => event.wasTried);
  const reason = outOfTimeTexts[wasTried ? "tried" : "neverTried"];
  const notice = formatNotice("ran_out_of_time.banner", { n, count: format.number(n), reason });
  return toRow(notice, { states: ["expired"], period: { days: 15 } });
}

/** Makes a row of the list "Needs attention", which links to its events. */
function toRow(
  { action, ...notice }: Notice & { action: string },
  filter: Partial<EventFilter>,
  severity: Problem["severity"] = "warning",
): Problem {
  const link = { label: action, url: `/app/events?${toEventQuery(filter)}` };
  return { ...notice, severity, place: "attention", action: link };
}
