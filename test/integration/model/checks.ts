import { expect } from "vitest";
import { assignAccountToWaitingEvents } from "#app/outbox/assign-account.server.ts";
import { miscounts } from "#test/support/outbox-fixture.ts";
import { take } from "./steps.ts";
import { keyOf, type LedgerRow, type OrderTruth, type World } from "./world.ts";

/** More rounds than any backlog of a run needs. */
const MOST_ROUNDS = 8;

/** Lets everything come to its end: what was not answered comes again, and nothing waits any more. */
export async function settle(world: World): Promise<void> {
  for (const shop of [0, 1] as const) await take(world, { do: "reinstall", shop });
  for (const account of world.accounts) world.path.pinterest.heal(account);
  await deliverAgain(world, [...world.unanswered]);
  await drain(world);
  // A storm of everything that ever came changes nothing.
  await deliverAgain(world, [...world.answered]);
  await world.replay(world.bodies, false);
  await drain(world);
}

async function deliverAgain(world: World, ids: readonly string[]): Promise<void> {
  const again = ids.map((id) => world.webhooks.get(id)).filter((each) => each !== undefined);
  if (again.length > 0) await world.deliver(again, "none");
}

async function drain(world: World): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    if (!(await world.ledger()).some(isWaiting)) return;
    // What the job of each minute does for accounts that nobody woke.
    for (const { id } of world.shops) await assignAccountToWaitingEvents(world.path, id);
    await world.passTime(25_000);
    await world.work("none");
  }
  expect((await world.ledger()).filter(isWaiting), "what waits is never sent").toEqual([]);
}

const isWaiting = ({ state }: LedgerRow) => state === "held" || state === "pending";

/** Compares what Pinterest has, what the tables say and what happened. */
export async function check(world: World): Promise<void> {
  const rows = await world.ledger();
  expect(rows.filter(isWaiting), "the backlog").toEqual([]);
  checkPinterest(world, rows);
  for (const row of rows) checkEvent(world, row);
  for (const [checkout, order] of world.orders) {
    const shop = world.shops[checkout.shop];
    const row = rows.find(
      ({ shop_id: id, kind, source_key: key }) =>
        id === shop.id && kind === "checkout" && key === checkout.orderId,
    );
    const wasTaken = ["created", "paid"].some((topic) =>
      world.answered.has(`${shop.domain} ${topic}-${checkout.token}`),
    );
    if (wasTaken) expect(row, "an order that was taken has no event").toBeDefined();
    if (wasTaken && mustBeSent(world, order, checkout.shop, checkout.happenedAtMs)) {
      expect(row?.state, `order ${checkout.orderId}: ${row?.reason}`).toBe("accepted");
    }
  }
  const ids = world.shops.map(({ id }) => id);
  expect(await miscounts(world.path.db, ids), "the counters").toEqual([]);
  const { rows: receipts } = await world.path.db.pool.query<{ id: string }>(
    `select distinct s.domain || ' ' || r.webhook_id as id from receipt r join shop s on s.id = r.shop_id
      where s.id = any($1)`,
    [ids.map(String)],
  );
  const known = new Set(receipts.map(({ id }) => id));
  expect(
    [...world.answered].filter((id) => !known.has(id)),
    "without a receipt",
  ).toEqual([]);
}

/** Whether nothing that happened is a reason not to send the order. */
function mustBeSent(
  { scene, shops, hasSkippedWeek }: World,
  { wasAllowed, isCancelled }: OrderTruth,
  shop: 0 | 1,
  happenedAtMs: number,
): boolean {
  const { words, uninstalls } = shops[shop];
  const isFresh = !hasSkippedWeek && happenedAtMs > Date.now() - 86_400_000;
  const isAllowed = scene.country === "US" || wasAllowed;
  return isFresh && isAllowed && !isCancelled && !words.hasRefusal && uninstalls.length === 0;
}

/** What is at Pinterest is in the tables, of the same shop, under one id. */
function checkPinterest(world: World, rows: readonly LedgerRow[]): void {
  const { ledger } = world.path.pinterest;
  const violations = ledger.violations.filter((each) => world.accounts.includes(each.adAccountId));
  expect(violations, "an event was repeated with other content").toEqual([]);
  const tokens = new Map(world.shops.map(({ adAccountId, token }) => [adAccountId, token]));
  for (const request of ledger.requests) {
    const token = tokens.get(request.adAccountId);
    if (token !== undefined) expect(request.token, "a token of another shop").toBe(token);
  }
  for (const { id, adAccountId } of world.shops) {
    const taken = ledger.accepted.filter((each) => each.adAccountId === adAccountId);
    const own = rows.filter(({ shop_id: shop }) => shop === id);
    const stored = own.map(({ kind, event_id }) => `${kind} ${event_id}`);
    expect(new Set(stored).size, "two events of a shop have one id").toBe(stored.length);
    for (const { eventId, eventName, count } of taken) {
      expect(stored, "sent, and not known").toContain(`${eventName} ${eventId}`);
      const requests = ledger.requests.filter(
        (each) => each.adAccountId === adAccountId && each.ids.includes(eventId),
      );
      const faults = requests.filter(({ fault }) => fault !== null).length;
      const unsettled = [...world.unsettled].filter(
        ({ lease, ids }) => lease.adAccountId === adAccountId && ids.includes(eventId),
      ).length;
      expect(count, "repeated without need").toBeLessThanOrEqual(1 + faults + unsettled);
    }
  }
}

/** One event, and what became of it. */
function checkEvent(world: World, row: LedgerRow): void {
  const checkout = world.checkoutOf(row);
  const { adAccountId } = world.shops[checkout.shop];
  const sent = world.path.pinterest.ledger.find(adAccountId, row.event_id, row.kind)?.event;
  expect([keyOf(row), row.reason !== null]).toEqual([keyOf(row), row.state !== "accepted"]);
  if (row.state === "accepted") expect(sent, "accepted, and not at Pinterest").toBeDefined();
  if (sent === undefined) return;
  expect(world.isBarred(keyOf(row)), `sent all the same: ${keyOf(row)}`).toBe(false);
  expect(row.consent).toMatch(world.scene.country === "FR" ? /^allowed:browser$/ : /./);
  if (row.kind !== "checkout") return;
  expect(sent).toMatchObject({
    event_time: Math.floor(checkout.happenedAtMs / 1_000),
    custom_data: {
      order_id: checkout.orderId,
      value: world.orders.get(checkout)?.worth,
      currency: checkout.currency,
    },
  });
}
