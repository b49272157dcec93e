import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import type { Database } from "#app/platform/db.server.ts";
import { orderTime } from "#app/reconciliation/settle-order.server.ts";
import { readSweepStart } from "#app/runs/order-sweeps.server.ts";
import { type OrderRunChoice, startOrderRun } from "#app/runs/start-run.server.ts";
import { stopRun } from "#app/runs/stop-run.server.ts";
import type { RunServices } from "#app/runs/store-run.server.ts";
import { readInstall } from "#app/shops/find-shop.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import type { SendMerchant } from "./send-one-event.server.ts";
import { sendMissingTexts } from "./texts.ts";

/** What the search for orders without an event starts with. */
export interface OrderCheckView {
  /** Days of the shop, as `2026-11-24`. */
  since: string;
  earliest: string;
  today: string;
  sinceHelp: string;
  /** Only a dry run is under way: what a check that sends does with it. */
  dryRunning: string | null;
  /** The latest of them, the last one first. */
  runs: { id: string; startedAt: Moment; text: string; state: string }[];
}

type RunState = "running" | "stopping" | "stopped" | "done" | "failed";

const { faults, help, runs: runTexts } = sendMissingTexts;
const DAY_MS = 86_400_000;
/** Shopify shows apps the orders of so many days. */
const SHOPIFY_DAYS = 60;
const RUNS_SHOWN = 5;

export async function loadOrderCheck(
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
  const running = runs.filter(({ state }) => state === "running");
  const isDryRunning = running.length > 0 && running.every(({ dry }) => dry === true);
  return {
    dryRunning: isDryRunning ? help.dryRunning : null,
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

/** Starts the search, or says what is wrong with the day or what is in its way. */
export async function startOrderCheck(
  services: RunServices,
  merchant: SendMerchant,
  { since, isDry, token }: { since: string; isDry: boolean; token: string },
): Promise<OrderCheckResult> {
  const { format } = merchant;
  if (!isDay(since)) return { fault: faults.none, runUrl: null };
  if (since > format.dayOf(format.now)) return { fault: faults.future, runUrl: null };
  if (since < earliestDay(format)) return { fault: faults.early, runUrl: null };
  return startCheck(services, merchant, { since: format.startOfDay(since), isDry, token });
}

/** Starts the search of each day now, for the days that were not looked at yet. */
export async function startDailyCheck(
  services: RunServices & { db: Pick<Database, "queryAsShop"> },
  merchant: SendMerchant,
): Promise<OrderCheckResult> {
  const { shop, format } = merchant;
  const since = await readSweepStart(services, shop.id, format.now.getTime());
  if (since === null) throw Response.json(null, { status: 403 });
  return startCheck(services, merchant, { since, isDry: false, token: null });
}

/**
 * A dry run changes nothing, and makes way for a search that sends. Any other that is under way is the
 * merchant's own only if it does at least what is asked for; else the merchant is told of it.
 */
async function startCheck(
  services: RunServices,
  merchant: SendMerchant,
  wish: Omit<OrderRunChoice, "by">,
): Promise<OrderCheckResult> {
  const { shop, actor, format } = merchant;
  const mapping = await loadMappingShop(services.db.pool, shop.domain);
  if (mapping === undefined) throw Response.json(null, { status: 403 });
  const choice = { ...wish, by: orderTime(mapping) };
  const started = await startOrderRun(services, { shop, actor }, choice);
  const { runId, running } = started;
  if (running === null) return { fault: null, runUrl: toRunUrl(runId) };
  if (running.isDry && !wish.isDry) {
    await stopRun(services, { shop, actor }, runId);
    return startCheck(services, merchant, wish);
  }
  if (running.isEnough) return { fault: null, runUrl: toRunUrl(runId) };
  const day = format.day(format.dayOf(running.since));
  const text = running.isDry ? faults.dryRunning : faults.sendRunning;
  return { fault: formatMessage(text, { day }), runUrl: null };
}

const toRunUrl = (runId: bigint) => `/app/send/runs/${runId}`;

/** Digits alone are no day: a browser sends none for February 30, but anyone may. */
function isDay(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
    new Date(`${text}T00:00:00Z`).toISOString().startsWith(text)
  );
}
