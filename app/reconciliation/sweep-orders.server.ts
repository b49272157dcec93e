import type { Registry } from "prom-client";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { counterOf } from "#app/platform/metrics.server.ts";
import type { JobKind, Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import { paceAdmin } from "#app/shopify/pace-admin.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import { noteReconciliation } from "./note-reconciliation.server.ts";
import { type OpenAdmin, openShopAdmin } from "./open-shop-admin.server.ts";
import {
  addNewShops,
  type DueSweep,
  endSweep,
  findSilence,
  findSweep,
  listDueSweeps,
  saveProgress,
  setSilence,
} from "./order-sweeps.server.ts";
import { type ReconcileServices, reconcileOrders, type Tally } from "./reconcile-orders.server.ts";

export interface SweepServices extends ReconcileServices {
  openAdmin: OpenAdmin;
  wait: Parameters<typeof paceAdmin>[1]["wait"];
  countMissing: (orders: number) => void;
}

/** Orders from shortly before the last comparison's end, whose webhooks it left time to come. */
const OVERLAP_MS = 3_600_000;
/** A shop of very many orders goes on in the next run. */
const SHOP_WITHIN_MS = 10 * 60_000;
/** About a day, so that the shops of one hour do not stay together. */
const DAILY_MINUTES = { least: 20 * 60, spread: 8 * 60 };
const SOON_MINUTES = 15;

/**
 * Compares the orders of each shop that is due with its events, and sends what is missing: daily,
 * after an outage of ours, and after a silence that the shop's own rhythm does not explain. Each
 * shop fails alone.
 */
export async function sweepOrders(services: SweepServices): Promise<void> {
  await addNewShops(services);
  await workOnEach(services, {
    job: "sweep-orders",
    describe: ({ domain }) => ({ shop: domain }),
    readPage: (after, limit) => listDueSweeps(services, { after, limit }),
    work: (due: DueSweep) => sweepShop(services, due),
  });
}

async function sweepShop(services: SweepServices, due: DueSweep, actor = "system"): Promise<void> {
  const silentAt = await findSilence(services, due.id);
  const isSilent = silentAt !== null && silentAt.getTime() <= services.nowMs();
  if (!due.isDue && !isSilent) return setSilence(services, due.id, silentAt);
  const { result, tally } = await compare(services, due);
  const nextMinutes = minutesUntilNext(result, tally);
  await endSweep(services, due.id, { result, tally, nextMinutes, silentAt });
  if (result !== "done") {
    services.log.warn({ shop: due.domain, result }, "a shop's orders could not be compared");
  }
  if (tally === null || tally.missing === 0) return;
  const { missing, sent } = tally;
  services.countMissing(missing);
  services.log.warn({ shop: due.domain, missing, sent }, "orders without an event were found");
  await noteReconciliation(services, { shop: due, actor, tally });
}

async function compare(
  services: SweepServices,
  due: DueSweep,
): Promise<{ result: string; tally: Tally | null }> {
  const shop = await loadMappingShop(services.db.pool, due.domain);
  if (shop === undefined) return { result: "not_installed", tally: null };
  const admin = await openShopAdmin(services.openAdmin, due.domain);
  if (typeof admin === "string") return { result: admin, tally: null };
  const signal = AbortSignal.timeout(SHOP_WITHIN_MS);
  const paced = paceAdmin(admin, { signal, wait: services.wait });
  const { tally, failure } = await reconcileOrders(services, shop, paced, {
    since: findStart(due, services.nowMs()),
    isDry: false,
    signal,
    onPage: async ({ tally: soFar, through }) => {
      // What could not be stored is found again.
      if (soFar.failed === 0) await saveProgress(services, due.id, through);
      return !signal.aborted;
    },
  });
  if (signal.aborted) return { tally, result: "unfinished" };
  return { tally, result: failure ?? (tally.failed > 0 ? "not_stored" : "done") };
}

function findStart({ installedAt, sweptThrough }: DueSweep, nowMs: number): Date {
  const from = Math.max(installedAt.getTime(), nowMs - SENDABLE_SECONDS * 1_000);
  return new Date(Math.max(from, (sweptThrough?.getTime() ?? 0) - OVERLAP_MS));
}

function minutesUntilNext(result: string, tally: Tally | null): number {
  if (["silent", "not_stored", "unfinished"].includes(result)) return SOON_MINUTES;
  if ((tally?.left.recent ?? 0) > 0) return SOON_MINUTES;
  return Math.floor(DAILY_MINUTES.least + Math.random() * DAILY_MINUTES.spread);
}

const CHECK_JOB: JobKind = {
  name: "check-orders",
  retries: 2,
  retrySeconds: 30,
  expireSeconds: SHOP_WITHIN_MS / 1_000 + 120,
};

interface Check {
  shopId: string;
  /** As in the audit log. */
  actor: string;
}

/** Has a shop's orders compared within seconds, at the wish of a person. */
export async function requestCheck(
  { queue }: { queue: Pick<Queue, "send"> },
  { shop, actor }: { shop: { id: bigint }; actor: string },
): Promise<void> {
  const check: Check = { shopId: String(shop.id), actor };
  await queue.send(CHECK_JOB, check, { group: check.shopId });
}

/** Makes this process compare what people ask for. */
export async function workOnChecks({
  queue,
  ...services
}: SweepServices & { queue: Pick<Queue, "work"> }): Promise<void> {
  await queue.work<Check>(CHECK_JOB, async ({ shopId, actor }) => {
    await addNewShops(services);
    const due = await findSweep(services, BigInt(shopId));
    if (due !== null) await sweepShop(services, due, actor);
    return "done";
  });
}

/** Counts orders that had no event: those of sweeps, and those of runs. */
export function missingCounter(registry: Registry): SweepServices["countMissing"] {
  const missing = counterOf(registry, {
    name: "reconcile_missing_total",
    help: "Orders that had no event and were found at Shopify",
  });
  return (orders) => missing.inc(orders);
}

/** Schedules it for every fifth minute, and works on what people ask for. */
export async function scheduleSweeps({
  queue,
  registry,
  ...services
}: Omit<SweepServices, "countMissing"> & {
  queue: Pick<Queue, "schedule" | "work">;
  registry: Registry;
}): Promise<void> {
  const countMissing = missingCounter(registry);
  await queue.schedule("sweep-orders", "*/5 * * * *", () =>
    sweepOrders({ ...services, countMissing }),
  );
  await workOnChecks({ ...services, queue, countMissing });
}
