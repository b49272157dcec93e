import type { Registry } from "prom-client";
import { registerCounter } from "#app/platform/metrics.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import { orderTime } from "#app/reconciliation/settle-order.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import {
  addNewShops,
  type DueSweep,
  deferSweep,
  findSilence,
  findSweepStart,
  listDueSweeps,
  setSilence,
} from "./order-sweeps.server.ts";
import { startOrderRun } from "./start-run.server.ts";
import { SYSTEM } from "./store-run.server.ts";
import { type OrderRunServices, workOnOrderRun } from "./work-on-order-run.server.ts";

/** A shop of very many orders goes on in its run. */
const SHOP_WITHIN_MS = 10 * 60_000;
/** Whose run goes on is looked at again so late; the run's end sets its own time. */
const RUN_MINUTES = 60;

/**
 * Compares the orders of each shop that is due with its events, and sends what is missing: daily,
 * after an outage of ours, and after a silence that the shop's own rhythm does not explain. Each shop
 * has a run as if a person had asked for it, and fails alone.
 */
export async function sweepOrders(services: OrderRunServices): Promise<void> {
  await addNewShops(services);
  await workOnEach(services, {
    job: "sweep-orders",
    describe: ({ domain }) => ({ shop: domain }),
    readPage: (after, limit) => listDueSweeps(services, { after, limit }),
    work: (due: DueSweep) => sweepShop(services, due),
  });
}

async function sweepShop(services: OrderRunServices, due: DueSweep): Promise<void> {
  const silentAt = await findSilence(services, due.id);
  const isSilent = silentAt !== null && silentAt.getTime() <= services.nowMs();
  if (!due.isDue && !isSilent) return setSilence(services, due.id, silentAt);
  const shop = await loadMappingShop(services.db.pool, due.domain);
  if (shop === undefined) return;
  const since = findSweepStart(due, services.nowMs());
  const { runId, running } = await startOrderRun(
    // It is worked on here, and taken up by others when this process ends.
    { ...services, queue: { send: async () => {} } },
    { shop, actor: SYSTEM },
    { since, by: orderTime(shop), isDry: false, token: null },
  );
  await setSilence(services, due.id, isSilent ? null : silentAt);
  await deferSweep(services, due.id, RUN_MINUTES);
  if (running?.isDry === true) return;
  const untilMs = services.nowMs() + SHOP_WITHIN_MS;
  // Who asks again is the next sweep; a run that a person began is not ended for it.
  const patience = running === null ? { ...services, silentMs: 0 } : services;
  while ((await workOnOrderRun(patience, runId, untilMs)) === "more" && services.nowMs() < untilMs);
}

/** Counts orders that had no event: those of sweeps, and those of runs. */
export function missingCounter(registry: Registry): OrderRunServices["countMissing"] {
  const missing = registerCounter(registry, {
    name: "reconcile_missing_total",
    help: "Orders that had no event and were found at Shopify",
  });
  return (orders) => missing.inc(orders);
}

/** Schedules it for every fifth minute. */
export async function scheduleSweeps(
  services: OrderRunServices & { queue: Pick<Queue, "schedule"> },
): Promise<void> {
  await services.queue.schedule("sweep-orders", "*/5 * * * *", () => sweepOrders(services));
}
