import { deriveEventId } from "#app/events/event-id.ts";
import { findMissing, type OrderWork } from "#app/reconciliation/settle-order.server.ts";
import { readBulkOrders, readBulkPage, startBulkOrders } from "#app/shopify/bulk-orders.server.ts";
import {
  countOrders,
  type ListedOrder,
  listOrders,
  type OrderRange,
} from "#app/shopify/order-list.server.ts";
import type { paceAdmin } from "#app/shopify/shop-admin.server.ts";
import {
  type LeasedRun,
  listKnown,
  type OrderProgress,
  type OrderRunFailure,
} from "./order-run-rows.server.ts";

export interface BulkServices {
  wait: Parameters<typeof paceAdmin>[1]["wait"];
  /** Where the sandbox stands for Shopify. */
  sandboxUrl?: string | undefined;
  /** In place of `BULK_ABOVE`. */
  bulkAbove?: number;
}

/**
 * A range of more orders is listed by a bulk operation: 50 pages take Shopify's standard plan about a
 * minute, which is what an operation takes, and from there on pages only take longer, and the points
 * that the shop's admin asks with.
 */
const BULK_ABOVE = 5_000;
/** How often a file is asked for in short steps; afterwards each minute. */
const QUICK_LOOKS = 10;
/** A file that is not there after so many looks, some two hours, is not waited for. */
const MOST_LOOKS = 130;
const LOOK_AGAIN_MS = 2_000;

export interface ListedPage {
  progress: OrderProgress;
  missing: (ListedOrder & { eventId: string })[];
  /** There is nothing to do for a minute. */
  isIdle: boolean;
}

/** The next orders of the range, and which of them have no event; or why there are none. */
export async function listPage(
  work: OrderWork,
  run: LeasedRun,
  progress: OrderProgress,
  services: BulkServices,
): Promise<ListedPage | OrderRunFailure> {
  const { by, since, until } = run;
  if (progress.bulk) return listFromFile(work, run, { ...progress, bulk: progress.bulk }, services);
  if (progress.bulk === null && progress.orders === 0) {
    const expected = await countOrders(work.admin, { by, since, until });
    const { bulkAbove = BULK_ABOVE } = services;
    if (expected !== null && expected > bulkAbove) {
      return startFile(work, { by, since, until }, { ...progress, expected });
    }
    return listFromShopify(work, run, { ...progress, expected });
  }
  return listFromShopify(work, run, progress);
}

async function startFile(
  { admin }: OrderWork,
  range: OrderRange,
  progress: OrderProgress,
): Promise<ListedPage | OrderRunFailure> {
  const started = await startBulkOrders(admin, range);
  if (!started.ok) return started.failure;
  const bulk = started.found === null ? false : { id: started.found, offset: 0, looks: 0 };
  return nothing({ ...progress, bulk });
}

const nothing = (progress: OrderProgress, isIdle = false): ListedPage => ({
  // Shopify has answered.
  progress: { ...progress, silentSince: null },
  missing: [],
  isIdle,
});

async function listFromFile(
  work: OrderWork,
  run: LeasedRun,
  progress: OrderProgress & { bulk: { id: string; offset: number; looks: number } },
  { wait, sandboxUrl }: BulkServices,
): Promise<ListedPage | OrderRunFailure> {
  const { bulk } = progress;
  const looked = await readBulkOrders(work.admin, bulk.id);
  if (!looked.ok) return looked.failure;
  if (looked.found.is === "working" && bulk.looks < MOST_LOOKS) {
    const isIdle = bulk.looks >= QUICK_LOOKS;
    if (!isIdle) await wait(LOOK_AGAIN_MS, undefined, { signal: work.signal }).catch(() => {});
    return nothing({ ...progress, bulk: { ...bulk, looks: bulk.looks + 1 } }, isIdle);
  }
  // What the file lacks is in no page of it: all is listed anew, page by page.
  const anew = { ...progress, bulk: false as const, orders: 0, left: { recent: 0, unpaid: 0 } };
  if (looked.found.is !== "ready") return nothing(anew);
  const { url } = looked.found;
  if (url === null) return nothing({ ...progress, isListed: true });
  const page = await readBulkPage(url, bulk.offset, sandboxUrl);
  if (page.is === "lost") return nothing(anew);
  if (page.is === "silent") return "silent";
  const { orders, next } = page;
  const read = {
    ...progress,
    bulk: { ...bulk, offset: next ?? bulk.offset },
    orders: progress.orders + orders.length,
    isListed: next === null,
  };
  return keepMissing(work, run, read, orders);
}

async function listFromShopify(
  work: OrderWork,
  run: LeasedRun,
  progress: OrderProgress,
): Promise<ListedPage | OrderRunFailure> {
  const { by, until } = run;
  const range = { by, since: new Date(progress.through), until };
  const edge = new Set(progress.edge);
  const isFresh = ({ id }: ListedOrder) => !edge.has(id);
  let asked = await listOrders(work.admin, range, null);
  // More orders than a page has may be of the same second.
  while (asked.ok && asked.found.next !== null && !asked.found.orders.some(isFresh)) {
    asked = await listOrders(work.admin, range, asked.found.next);
  }
  if (!asked.ok) return asked.failure;
  const { orders, next } = asked.found;
  const timeOf = (order: ListedOrder) => order[`${by}At`].toISOString();
  const last = orders.at(-1);
  const through = last === undefined ? progress.through : timeOf(last);
  const atEdge = orders.filter((order) => timeOf(order) === through).map(({ id }) => id);
  const fresh = orders.filter(isFresh);
  const read = {
    ...progress,
    orders: progress.orders + fresh.length,
    through,
    edge: through === progress.through ? [...edge, ...atEdge] : atEdge,
    isListed: next === null,
  };
  return keepMissing(work, run, read, fresh);
}

/** Which of the orders that were read have no event, and are not in the run yet. */
async function keepMissing(
  { services, shop }: OrderWork,
  run: LeasedRun,
  read: OrderProgress,
  orders: readonly ListedOrder[],
): Promise<ListedPage> {
  const left = { ...read.left };
  const missing = await findMissing(services, shop, orders, left);
  const ids = missing.map(({ id }) => id);
  const known = read.bulk === false ? await listKnown(services.db, run, ids) : new Set<string>();
  return {
    progress: { ...read, left, silentSince: null },
    missing: missing
      .filter(({ id }) => !known.has(id))
      .map((order) => ({ ...order, eventId: deriveEventId("order", order.id, "checkout") })),
    isIdle: false,
  };
}
