import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { Problem } from "./problem.ts";

const BILLING_URL = "/app/settings/billing";

/**
 * What a shop without an active plan must know, where the operator asks for money. `endsAt`: when
 * sending pauses or has paused; null while there is nothing to warn of.
 */
export function judgeBilling(
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
