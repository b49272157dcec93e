import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { findCause } from "#app/alerts/causes.server.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { Problem } from "#app/events/notices/notice.ts";
import { findMissingScopes, judgeBrowser } from "./judge-browser.server.ts";
import { judgeBilling, judgeConnection } from "./judge-connection.server.ts";
import { judgeEvents, lacksCustomerData } from "./judge-events.server.ts";
import type { ProblemFacts } from "./read-problem-facts.server.ts";

/** Everything that is amiss with a shop now, in the catalogue's order. */
export function judgeProblems(
  facts: ProblemFacts,
  neededScopes: readonly string[],
  format: Formatter,
): Problem[] {
  const judged = [
    ...judgeConnection(facts, format),
    ...judgeEvents(facts, format),
    judgeBilling(facts.shop.billing, format),
    ...judgeBrowser(facts.browser, facts.shop.scopes, format),
    ...judgeStore(facts, neededScopes),
  ].filter((problem) => problem !== null);
  return [...judged, ...judgeAlerts(facts.alerts, judged, format)];
}

const RANK = { critical: 0, warning: 1, info: 2 } as const;

/**
 * The one that is shown as the banner of every page: the worst, and of those the first of the
 * catalogue. Null: none is bad enough, or all are rows by nature.
 */
export function chooseBanner(problems: readonly Problem[]): Problem | null {
  const banners = problems.filter(({ place }) => place === "banner");
  return banners.toSorted((a, b) => RANK[a.severity] - RANK[b.severity])[0] ?? null;
}

function judgeStore(facts: ProblemFacts, needed: readonly string[]): Problem[] {
  return [describeScopes(facts, needed), describeCustomerData(facts)].filter(
    (problem) => problem !== null,
  );
}

/** Without these nothing can be sent; the others that the app asks for are for what is to come. */
const NEEDED_SCOPES = ["read_orders", "read_customers"];

function describeScopes({ shop }: ProblemFacts, needed: readonly string[]): Problem | null {
  // A shop that the command line made has not said yet what it granted.
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
 * The alerts that last, in words; but for what is judged anew at each look, and what the same entry
 * of the catalogue says already.
 */
function judgeAlerts(
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
