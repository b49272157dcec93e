import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { describeMerchantError } from "#app/events/merchant-errors.ts";
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
  const { id, title, cause, nextStep } = describeMerchantError(
    isOverdue ? "plan_overdue" : "plan_missing",
    { date: format.day(format.dayOf(endsAt)) },
  );
  return {
    id,
    severity: isOverdue ? "critical" : "warning",
    place: "banner",
    title,
    cause: `${cause}.`,
    nextStep,
    action: { label: "Open plan", url: BILLING_URL },
  };
}
