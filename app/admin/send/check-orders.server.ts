import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import type { SendMerchant } from "#app/admin/shell/merchant.server.ts";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import type { Database } from "#app/platform/db.server.ts";
import { orderTime } from "#app/reconciliation/reconcile-orders.server.ts";
import { startOrderRun } from "#app/runs/start-run.server.ts";
import type { RunServices } from "#app/runs/store-run.server.ts";
import { readInstall } from "#app/shops/find-shop.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import { sendMissingTexts } from "./missing-texts.ts";

/** What the search for orders without an event starts with. */
export interface OrderCheckView {
  /** Days of the shop, as `2026-11-24`. */
  since: string;
  earliest: string;
  today: string;
  sinceHelp: string;
  /** The latest of them, the last one first. */
  runs: { id: string; startedAt: Moment; text: string; state: string }[];
}

type RunState = "running" | "stopping" | "stopped" | "done" | "failed";

const { faults, help, runs: runTexts } = sendMissingTexts;
const DAY_MS = 86_400_000;
/** Shopify shows apps the orders of so many days. */
const SHOPIFY_DAYS = 60;
const RUNS_SHOWN = 5;

export async function openOrderCheck(
  services: { db: Pick<Database, "queryAsShop"> },
  { shop, format }: SendMerchant,
): Promise<OrderCheckView> {
  const { installedAt } = await readInstall(services, shop.id);
  const runs = await services.db.queryAsShop<{
    id: bigint;
    state: RunState;
    total: number;
    dry: boolean | null;
    created_at: Date;
  }>(shop.id, {
    text: `select id, state, total, (choice->>'dry')::boolean as dry, created_at from run
      where shop_id = $1 and kind = 'reconcile' order by id desc limit ${RUNS_SHOWN}`,
    values: [shop.id.toString()],
  });
  const usual = Math.max(installedAt.getTime(), format.now.getTime() - SENDABLE_SECONDS * 1_000);
  return {
    since: format.dayOf(new Date(usual)),
    earliest: earliestDay(format),
    today: format.dayOf(format.now),
    sinceHelp: formatMessage(help.since, { zone: format.zone() }),
    runs: runs.map(({ id, state, total, dry, created_at: startedAt }) => ({
      id: String(id),
      startedAt: format.moment(startedAt),
      text: formatMessage(dry === true ? runTexts.dry : runTexts.sent, { n: total }, format.locale),
      state: runTexts.states[state],
    })),
  };
}

function earliestDay({ now, dayOf }: Formatter): string {
  return dayOf(new Date(now.getTime() - (SHOPIFY_DAYS - 1) * DAY_MS));
}

export type OrderCheckResult = { fault: string; runUrl: null } | { fault: null; runUrl: string };

/** Starts the search, or says what is wrong with the day. */
export async function startOrderCheck(
  services: RunServices,
  { shop, actor, format }: SendMerchant,
  { since, isDry, token }: { since: string; isDry: boolean; token: string },
): Promise<OrderCheckResult> {
  if (!isDay(since)) return { fault: faults.none, runUrl: null };
  if (since > format.dayOf(format.now)) return { fault: faults.future, runUrl: null };
  if (since < earliestDay(format)) return { fault: faults.early, runUrl: null };
  const mapping = await loadMappingShop(services.db.pool, shop.domain);
  if (mapping === undefined) throw Response.json(null, { status: 403 });
  const choice = { since: format.startOfDay(since), by: orderTime(mapping), isDry, token };
  const runId = await startOrderRun(services, { shop, actor }, choice);
  return { fault: null, runUrl: `/app/send/runs/${runId}` };
}

/** Digits alone are no day: a browser sends none for February 30, but anyone may. */
function isDay(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
    new Date(`${text}T00:00:00Z`).toISOString().startsWith(text)
  );
}
