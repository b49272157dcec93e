import { describeRun } from "#app/admin/runs/describe-run.server.ts";
import { readRun } from "#app/admin/runs/read-run.server.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { startOrderRun } from "#app/runs/start-run.server.ts";
import { type OrderRunServices, workOnOrderRun } from "#app/runs/work-on-order-run.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { openFlowStack } from "./flow-fixture.ts";

export const ACTOR = "user:548380009";
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const ago = (ms: number) => new Date(Date.now() - ms);
export const format = createFormatter({ locale: "en-US", timeZone: "UTC", now: new Date() });
/** Of a process that asks for runs, which the test works on itself. */
export const queue = { send: async () => {} };

const log = createLogger("silent");

export type OrderRuns = Awaited<ReturnType<typeof openOrderRuns>>;
export type RunShop = Awaited<ReturnType<OrderRuns["openShop"]>>;

/** Shops whose orders are compared in runs, as the screen starts them and a worker works on them. */
export async function openOrderRuns() {
  const stack = await openFlowStack();
  let orders = 310_000;
  let missing = 0;
  let tokens = 0;

  async function openShop() {
    const opened = await stack.openShop();
    const shop = await findShop(stack, opened.domain);
    if (shop === null) throw new Error("the shop is not there");
    return { ...opened, id: shop.id, lane: shop.lane };
  }
  type Shop = Awaited<ReturnType<typeof openShop>>;

  function servicesOf(changes: Partial<OrderRunServices>): OrderRunServices {
    const { db, keyring } = stack;
    return {
      db,
      keyring,
      log,
      waker: createWaker({ db, log }),
      nowMs: Date.now,
      wait: async () => {},
      openAdmin: (domain) => stack.adminOf(domain),
      countMissing: (found) => {
        missing += found;
      },
      ...changes,
    };
  }

  async function report(shop: Shop, runId: bigint) {
    const run = await readRun(stack, shop, runId);
    if (run === null) throw new Error("the shop has no such run");
    return run;
  }

  return {
    stack,
    openShop,
    report,
    /** As the metric counts them. */
    countedMissing: () => missing,
    /** What the page says. */
    words: async (shop: Shop, runId: bigint) => describeRun(await report(shop, runId), format),
    /** An order whose webhook did not come. */
    placeOrder(shop: Shop, options: Partial<Parameters<typeof orderBody>[0]> = {}) {
      orders += 1;
      const order = orderBody({ createdAt: ago(HOUR_MS), id: orders, ...options });
      stack.records.putOrder(shop.domain, order);
      return { id: String(orders), name: order.name, order, eventId: `order-${orders}-checkout` };
    },
    async start(shop: Shop, { isDry = false, since = ago(30 * DAY_MS) } = {}) {
      tokens += 1;
      const choice = { since, by: "created" as const, isDry, token: `token-${tokens}` };
      const owner = { shop, actor: ACTOR };
      return (await startOrderRun({ db: stack.db, queue }, owner, choice)).runId;
    },
    workOn: (runId: bigint, changes: Partial<OrderRunServices> = {}, untilMs = Infinity) =>
      workOnOrderRun(servicesOf(changes), runId, untilMs),
  };
}
