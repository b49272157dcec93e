import type { Moment } from "#app/admin/shell/format/formatter.server.ts";
import type { Problem } from "#app/admin/shell/problems/problem.ts";

/** What the page on the plan shows. */
export interface BillingView {
  price: string;
  /** Empty where there is no trial. */
  trial: string;
  state: { label: string; tone: "success" | "attention" | null };
  explanation: string;
  problem: Problem | null;
  /** Null for a plan that does not count. */
  usage: string | null;
  /** When Shopify was asked last; null: never, or it has told of a change since. */
  asOf: Moment | null;
  canStart: boolean;
}
