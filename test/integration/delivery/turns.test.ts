import { beforeEach, describe, expect, test } from "vitest";
import { deliverAccount } from "#app/delivery/deliver-account.server.ts";
import { registerDeliveryGauges } from "#app/delivery/delivery-metrics.server.ts";
import { runDelivery } from "#app/delivery/run-delivery.server.ts";
import { createSessionSignals } from "#app/delivery/settle-surely.server.ts";
import { claimAccounts } from "#app/outbox/drain/claim-accounts.server.ts";
import { registerEventRowsGauge } from "#app/outbox/event-gauges.server.ts";
import type { SendAnswer } from "#app/pinterest/send-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { createRegistry } from "#app/platform/metrics.server.ts";
import { registerPartitionGauge } from "#app/platform/tables/partitions.server.ts";
import { registerSweepGauge } from "#app/runs/order-sweeps.server.ts";
import { registerConnectionGauges } from "#app/shops/connection/connection-gauges.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { disconnectPinterest } from "#app/shops/connection/store-connection.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import type { LocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { deliverOnce, type openDelivery } from "#test/support/delivery-fixture.ts";
import { openDeliveryWorld } from "#test/support/delivery-world.ts";
import {
  commitEvents,
  makeShop,
  purchase,
  readStates,
  skipWaiting,
} from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";

type Delivery = ReturnType<typeof openDelivery>;

const { db, services, renew } = await openDeliveryWorld();
let pinterest: LocalPinterest;
let delivery: Delivery;

beforeEach(async () => {
  ({ pinterest, delivery } = await renew());
});

async function storedShop(count: number) {
  const shop = await makeShop(services());
  const orders = Array.from({ length: count }, (_, n) => purchase(String(n)));
  await commitEvents(services(), shop, orders);
  return shop;
}

/** `then` happens while the given request is under way. */
function during(request: number, then: () => Promise<unknown> | unknown): Delivery {
  let requests = 0;
  const sendEvents: Delivery["pinterest"]["sendEvents"] = async (batch) => {
    requests += 1;
    if (requests === request) await then();
    return delivery.pinterest.sendEvents(batch);
  };
  return { ...delivery, pinterest: { ...delivery.pinterest, sendEvents } };
}

async function leaseOne() {
  await skipWaiting(db);
  const [lease] = await claimAccounts({ db }, 1);
  if (lease === undefined) throw new Error("nothing was due");
  return lease;
}

describe("a turn of many requests", () => {
  test.each([
    ["a pause", (id: bigint) => pauseConnection({ db }, id, "merchant", "test")],
    ["a disconnect", (id: bigint) => disconnectPinterest({ db }, id, "test")],
    [
      "an uninstall",
      (_: bigint, domain: string) => uninstallShop({ db }, { domain, triggeredAt: null }),
    ],
    [
      "another ad account",
      (id: bigint) =>
        db.pool.query("update connection set ad_account_id = '1' where shop_id = $1", [id]),
    ],
  ] as const)("ends with %s: no further request is made", async (_, end) => {
    const shop = await storedShop(64);
    pinterest.fail({ kind: "poison", eventId: "order-7-checkout" });
    await deliverOnce(during(2, () => end(shop.id, shop.domain)));
    expect(pinterest.ledger.requests).toHaveLength(2);
    const { rows } = await db.pool.query("select lease_until, tokens from due_account");
    expect(rows).toEqual([{ lease_until: null, tokens: expect.closeTo(998, 0) }]);
  });

  test("ends with the process; what is left is due at once", async () => {
    const shop = await storedShop(64);
    pinterest.fail({ kind: "poison", eventId: "order-7-checkout" });
    const stop = new AbortController();
    const stopping = during(2, () => stop.abort());
    await deliverAccount(stopping, await leaseOne(), createSessionSignals(stop.signal));
    expect(pinterest.ledger.requests).toHaveLength(2);
    expect(await claimAccounts({ db }, 1)).toHaveLength(1);
    await db.pool.query("update due_account set lease_until = null, next_at = now()");
    await deliverOnce(delivery);
    expect(pinterest.ledger.duplicates).toBe(0);
    const accepted = (await readStates(db, shop.id)).filter(({ state }) => state === "accepted");
    expect(accepted).toHaveLength(63);
  });

  test("holds its lease longer than one lease lasts", async () => {
    await storedShop(64);
    pinterest.fail({ kind: "poison", eventId: "order-7-checkout" });
    const left: number[] = [];
    const watched = during(3, async () => {
      const { rows } = await db.pool.query<{ s: number }>(
        "select extract(epoch from lease_until - now())::float8 as s from due_account",
      );
      left.push(rows[0]?.s ?? 0);
    });
    const lease = await leaseOne();
    await db.pool.query("update due_account set lease_until = now() + interval '1 s'");
    await deliverAccount(watched, lease);
    expect(left[0]).toBeGreaterThan(20);
  });
});

describe("what Pinterest accepted", () => {
  test("is settled when the database was busy, and not sent again", async () => {
    const shop = await storedShop(1);
    const held: { release(): void }[] = [];
    let complaints = 0;
    const busy = during(1, async () => {
      while (held.length < 4) held.push(await db.reserved.pool.connect());
    });
    const log = Object.assign(Object.create(busy.log), {
      warn: () => {
        complaints += 1;
      },
    });
    const turn = deliverAccount({ ...busy, log }, await leaseOne());
    await eventually(() => complaints > 0);
    for (const client of held) client.release();
    await turn;
    expect(await readStates(db, shop.id)).toMatchObject([{ state: "accepted" }]);
    await db.pool.query("update due_account set lease_until = now() - interval '1 s'");
    await deliverOnce(delivery);
    expect(pinterest.ledger.requests).toHaveLength(1);
  });

  test("is settled after a deadlock and by a process that stops", async () => {
    const shop = await storedShop(1);
    const stop = new AbortController();
    let refusals = 0;
    const transaction: Database["transaction"] = (work, options) =>
      db.transaction(async (client) => {
        const result = await work(client);
        const isSent = pinterest.ledger.requests.length > 0;
        if (isSent && refusals++ < 3) throw Object.assign(new Error("deadlock"), { code: "40P01" });
        return result;
      }, options);
    const failing = {
      ...during(1, () => stop.abort()),
      db: { ...db, reserved: { ...db.reserved, transaction } },
    };
    await deliverAccount(failing, await leaseOne(), createSessionSignals(stop.signal));
    expect(await readStates(db, shop.id)).toMatchObject([{ state: "accepted" }]);
  });
});

describe("the loop", () => {
  test("stops after the request under way, and settles it", async () => {
    await storedShop(64);
    pinterest.fail({ kind: "poison", eventId: "order-7-checkout" });
    await skipWaiting(db);
    let stopped: Promise<void> | undefined;
    const running = runDelivery(
      during(2, () => {
        stopped = running.stop();
      }),
    );
    await eventually(() => stopped !== undefined);
    await stopped;
    expect(pinterest.ledger.requests).toHaveLength(2);
    const { rows } = await db.pool.query("select lease_until from due_account");
    expect(rows).toEqual([{ lease_until: null }]);
  });

  /** A breaker that says what a test wants. */
  const breakerThat = (state: () => "closed" | "probe" | "open") => ({
    state,
    ask: (send: () => Promise<SendAnswer>) => send(),
  });

  test("claims nothing while Pinterest is unwell, then one account alone to see", async () => {
    for (let n = 0; n < 5; n += 1) await storedShop(1);
    await skipWaiting(db);
    let state: "closed" | "probe" | "open" = "open";
    let looks = 0;
    const breaker = breakerThat(() => {
      looks += 1;
      return state;
    });
    const answer = Promise.withResolvers<void>();
    const running = runDelivery({ ...during(1, () => answer.promise), breaker });
    await eventually(() => looks > 2);
    expect(await leased()).toBe(0);
    state = "probe";
    const seen = looks;
    await eventually(() => looks > seen + 3);
    expect(await leased()).toBe(1);
    state = "closed";
    answer.resolve();
    await eventually(() => pinterest.ledger.acceptedCount === 5);
    await running.stop();
  });

  test("gives the probe to an account that has something to send", async () => {
    const [nothing, something] = [await storedShop(1), await storedShop(1)];
    await skipWaiting(db);
    await db.pool.query("update event set next_at = now() + interval '1 h' where shop_id = $1", [
      nothing.id,
    ]);
    await db.pool.query(
      "update due_account set next_at = now() - interval '1 h' where ad_account_id = $1",
      [nothing.adAccountId],
    );
    let state: "closed" | "probe" = "probe";
    const breaker = {
      state: () => state,
      ask: (send: () => Promise<SendAnswer>) => {
        state = "closed";
        return send();
      },
    };
    const running = runDelivery({ ...delivery, breaker });
    await eventually(() => pinterest.ledger.acceptedCount === 1);
    await running.stop();
    expect(await readStates(db, something.id)).toMatchObject([{ state: "accepted" }]);
  });

  test("counts a lease that its worker never gave back", async () => {
    await storedShop(1);
    await leaseOne();
    await db.pool.query("update due_account set lease_until = now() - interval '1 s'");
    const running = runDelivery(delivery);
    await eventually(() => pinterest.ledger.acceptedCount === 1);
    await running.stop();
    expect((await delivery.metrics.leasesTakenOver.get()).values[0]?.value).toBe(1);
    expect(delivery.progress.claimedAtMs).toBeGreaterThan(0);
  });
});

async function leased(): Promise<number> {
  const { rows } = await db.pool.query("select from due_account where lease_until is not null");
  return rows.length;
}

describe("an operator's gauges", () => {
  test("tell of what waits, and of what stands still", async () => {
    const shop = await storedShop(3);
    await db.pool.query(
      "update event set created_at = now() - interval '50 min' where id = (select min(id) from event)",
    );
    const paused = await storedShop(2);
    await pauseConnection({ db }, paused.id, "merchant", "test");
    const registry = createRegistry();
    registerDeliveryGauges(registry, delivery);
    const { events_waiting, event_oldest_waiting_seconds, ...others } = await valuesOf(registry);
    expect(events_waiting).toBe(3);
    expect(event_oldest_waiting_seconds).toBeGreaterThan(2_990);
    expect(others).toMatchObject({ pinterest_breaker_state: 0 });
    expect(others).not.toHaveProperty("delivery_last_claim_age_seconds");
    expect(shop.adAccountId).not.toBe(paused.adAccountId);
  });

  test("tell of connections, of comparisons and of partitions, and of nothing that cannot be read", async () => {
    const shop = await storedShop(1);
    await db.pool.query(
      "update connection set token_expires_at = now() + interval '1 hour' where shop_id = $1",
      [shop.id.toString()],
    );
    await db.pool.query(
      `insert into order_sweep (shop_id, next_at, swept_at) select id, now(), now() - interval '9 days' from shop
        where id = $1 on conflict (shop_id) do update set swept_at = excluded.swept_at`,
      [shop.id.toString()],
    );
    const { rows } = await db.pool.query<{ n: number }>(
      "select count(*)::integer as n from connection where state = 'paused' and pause_reason = 'merchant'",
    );
    const registry = createRegistry();
    const log = createLogger("silent");
    registerConnectionGauges(registry, { db, log });
    registerSweepGauge(registry, { db, log });
    registerPartitionGauge(registry, { db, log });
    // Postgres remembers a state that many of its rows have.
    await storedShop(40);
    await db.pool.query("analyze event");
    registerEventRowsGauge(registry, { db, log });
    const text = await registry.metrics();
    expect(text).toContain(`connections{state="paused",reason="merchant"} ${rows[0]?.n}`);
    expect(text).toMatch(/^token_expiring_shops 1$/m);
    expect(text).toMatch(/^event_state_rows\{state="pending"\} [1-9]\d+$/m);
    expect(text).toMatch(/^reconcile_lag_seconds 77[67]\d{3}/m);
    expect(text).toMatch(/^day_partitions_ahead\{table="event_payload"\} 40$/m);
    const lost = createRegistry();
    const query = () => Promise.reject(new TypeError("no database"));
    registerConnectionGauges(lost, { db: { pool: { query } as never }, log });
    expect(await lost.metrics()).not.toMatch(/^(connections|token_expiring_shops)[{ ]/m);
  });
});

async function valuesOf(registry: ReturnType<typeof createRegistry>) {
  const values: Record<string, number> = {};
  for (const line of (await registry.metrics()).split("\n")) {
    const [, name, value] = /^(\w+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) values[name] = Number(value);
  }
  return values;
}
