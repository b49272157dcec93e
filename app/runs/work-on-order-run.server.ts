import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { RowOutcome } from "#app/outbox/append/intake-row.server.ts";
import {
  type OrderWork,
  type ReconcileServices,
  type SettledOrder,
  settleOrder,
} from "#app/reconciliation/settle-order.server.ts";
import { type OpenAdmin, openShopAdmin, paceAdmin } from "#app/shopify/shop-admin.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import { type BulkServices, listPage } from "./list-order-page.server.ts";
import {
  endRun,
  type LeasedRun,
  leaseRun,
  listWaiting,
  type OrderProgress,
  type OrderRunFailure,
  releaseRun,
  type SettledItem,
  saveItem,
  savePage,
  type WaitingOrder,
} from "./order-run-rows.server.ts";

export interface OrderRunServices extends ReconcileServices, BulkServices {
  openAdmin: OpenAdmin;
  /** Counts orders that had no event, once a run has sent them. */
  countMissing: (orders: number) => void;
  /** Replaces `SILENT_MS`, for a caller that waits and can ask again. */
  silentMs?: number;
}

/** Why an order is not sent, where the event's own reason does not say it. */
export type OrderLeft = "order_gone" | "order_not_stored";

/** A job is given up after 120 s; by then it has ended by itself. */
const TURN_LIMIT_MS = 90_000;
/** So long Shopify may give no answer before the run counts as failed. */
const SILENT_MS = 3_600_000;
const ITEMS = 50;

type Turn = "done" | "more" | "busy";

/**
 * Works on a run that compares orders, for as long as a turn is: lists a page of Shopify's orders,
 * stores which of them have no event, settles each of those, and lists on. Progress is stored with each
 * page and each order, so that another process goes on after a crash: an order that was sent and not
 * noted yet is found to have its event. `more`: the turn is over; `busy`: nothing to do here.
 */
export async function workOnOrderRun(
  services: OrderRunServices,
  runId: bigint,
  untilMs: number,
): Promise<Turn> {
  const run = await leaseRun(services.db, runId);
  if (run === null) return "busy";
  const progress = run.progress ?? startProgress(run);
  const shop = await loadMappingShop(services.db.pool, run.shop.domain);
  if (shop === undefined) return fail(services, run, progress, "shop_gone");
  const opened = await openShopAdmin(services.openAdmin, run.shop.domain);
  if (typeof opened === "string") return fail(services, run, progress, opened);
  const signal = AbortSignal.timeout(TURN_LIMIT_MS);
  const admin = paceAdmin(opened, { signal, wait: services.wait });
  const work: OrderWork = { services, shop, admin, isDry: run.isDry, signal };
  return processTurn(work, run, progress, { services, untilMs });
}

function startProgress({ since }: LeasedRun): OrderProgress {
  return {
    orders: 0,
    expected: null,
    through: since.toISOString(),
    edge: [],
    isListed: false,
    bulk: null,
    left: { recent: 0, unpaid: 0 },
    silentSince: null,
    failure: null,
  };
}

interface TurnServices {
  services: OrderRunServices;
  untilMs: number;
}

async function processTurn(
  work: OrderWork,
  run: LeasedRun,
  before: OrderProgress,
  turn: TurnServices,
): Promise<Turn> {
  const { services } = turn;
  let progress = before;
  for (;;) {
    const items = await listWaiting(services.db, run, ITEMS);
    // A turn takes one step at least, however late it is.
    if (items.length > 0) {
      const ended = await settleWaiting(work, run, { progress, items }, turn);
      if (ended !== null) return ended;
    } else if (progress.isListed) {
      return end(services, run, "done", progress);
    } else {
      const listed = await listPage(work, run, progress, services);
      if (typeof listed !== "string") {
        progress = listed.progress;
        if (!(await savePage(services.db, run, progress, listed.missing))) return "done";
        if (listed.isIdle) return rest(services, run, progress);
      } else if (!work.signal.aborted) {
        return fail(services, run, progress, listed);
      }
    }
    if (isOver(work, turn)) {
      await releaseRun(services.db, run, progress);
      return "more";
    }
  }
}

function isOver({ signal }: OrderWork, { services, untilMs }: TurnServices): boolean {
  return signal.aborted || services.nowMs() >= untilMs;
}

/** Settles orders one after the other. Returns how the turn ended with it; null: it goes on. */
async function settleWaiting(
  work: OrderWork,
  run: LeasedRun,
  { progress, items }: { progress: OrderProgress; items: readonly WaitingOrder[] },
  turn: TurnServices,
): Promise<Turn | null> {
  const { services } = turn;
  for (const item of items) {
    const settled = await settleOrder(work, item);
    if (settled.kind === "unasked") {
      if (work.signal.aborted) return null;
      return fail(services, run, progress, settled.failure);
    }
    progress.silentSince = null;
    if (!(await saveItem(services.db, run, item, toItem(item, settled, run)))) return "done";
    run.isTakenOver = false;
    if (isOver(work, turn)) return null;
  }
  return null;
}

function toItem(
  { place }: WaitingOrder,
  settled: Exclude<SettledOrder, { kind: "unasked" }>,
  { isTakenOver }: LeasedRun,
): SettledItem {
  const left = (why: OrderLeft): SettledItem => ({ place, state: "left", eventId: null, why });
  if (settled.kind === "gone") return left("order_gone");
  if (settled.kind === "failed") return left("order_not_stored");
  const { outcome } = settled;
  const isKnown = outcome === "duplicate" || outcome === "withdrawn";
  if (isKnown && !isTakenOver) return { place, state: "known", eventId: null, why: null };
  return toMappedItem(place, settled.mapped, outcome);
}

function toMappedItem(
  place: number,
  { outcome: told, eventId }: MappedEvent,
  outcome: RowOutcome | undefined,
): SettledItem {
  if (outcome !== undefined) return { place, state: "queued", eventId: null, why: null };
  return told.kind === "send"
    ? { place, state: "planned", eventId, why: null }
    : { place, state: "left", eventId, why: told.reason };
}

/** Ends the run, or has it tried again where Shopify only gives no answer. */
async function fail(
  services: OrderRunServices,
  run: LeasedRun,
  progress: OrderProgress,
  failure: OrderRunFailure,
): Promise<Turn> {
  const { db, log, nowMs, silentMs = SILENT_MS } = services;
  const silentSince = progress.silentSince ?? new Date(nowMs()).toISOString();
  const isSilent = failure === "silent" || failure === "not_found";
  if (isSilent && nowMs() - Date.parse(silentSince) < silentMs) {
    return rest({ db }, run, { ...progress, silentSince });
  }
  log.warn({ shop: run.shop.domain, reason: failure }, "a shop's orders could not be compared");
  return end(services, run, "failed", { ...progress, failure });
}

/** Leaves the run until runs are taken up, which is each minute. */
async function rest(
  { db }: Pick<OrderRunServices, "db">,
  run: LeasedRun,
  progress: OrderProgress,
): Promise<Turn> {
  await releaseRun(db, run, progress);
  return "done";
}

async function end(
  { db, log, countMissing }: OrderRunServices,
  run: LeasedRun,
  state: "done" | "failed",
  progress: OrderProgress,
): Promise<Turn> {
  const tally = await endRun(db, run, state, progress);
  if (tally === null || run.isDry || tally.missing === 0) return "done";
  const { missing, sent } = tally;
  countMissing(missing);
  log.warn({ shop: run.shop.domain, missing, sent }, "orders without an event were found");
  return "done";
}
