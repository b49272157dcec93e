import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { findCause } from "#app/alerts/causes.server.ts";
import type { Problem } from "./problem.ts";
import type { ProblemFacts } from "./read-problem-facts.server.ts";

/**
 * The alerts that last, in words; but for what is judged anew at each look, and what the same entry
 * of the catalogue says already.
 */
export function judgeAlerts(
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
