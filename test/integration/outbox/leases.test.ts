import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { EVENT_STATES, SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { findReplayBar } from "#app/events/replay-rule.ts";
import { commitGivenEvents } from "#app/outbox/append/commit-given-events.server.ts";
import { assignAccountToOrphanedEvents } from "#app/outbox/assign-account.server.ts";
import { claimAccounts, type Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import type { Settlement } from "#app/outbox/drain/settlement.server.ts";
import { mayReplaySql } from "#app/outbox/event-conditions.server.ts";
import { replayEvents } from "#app/outbox/replay-events.server.ts";
import { expireEvents } from "#app/outbox/upkeep.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { connectAdAccount, connectIn } from "#app/shops/connection/connect-ad-account.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  makeShop,
  miscounts,
  purchase,
  readStates,
  skip,
  skipWaiting,
  strangeKeyring,
  TOKEN,
  testKeyring,
} from "#test/support/outbox-fixture.ts";

let db: Database;
const keyring = testKeyring();
const services = () => ({ db, keyring });

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(() =>
  db.pool.query("truncate event, event_payload, due_account, count_bucket, receipt"),
);
afterEach(async () => {
  expect(await miscounts(db)).toEqual([]);
});

const RELEASE = { mayHaveMore: false, unusedAllowance: 31, pauseMs: null, failures: 0 };

function settlement(ref: bigint, state: Settlement["state"]): Settlement {
  const retryInMs = state === "pending" ? 5_000 : null;
  return { ref, state, reason: null, warning: null, retryInMs };
}

async function claimOne(): Promise<Lease> {
  await skipWaiting(db);
  const [lease, ...others] = await claimAccounts({ db }, 10);
  expect(others).toEqual([]);
  if (lease === undefined) throw new Error("nothing was due");
  return lease;
}

async function dueOf(lease: Lease) {
  return (await readDueEvents(services(), lease)).due;
}

async function settle(lease: Lease, settlements: Settlement[]) {
  return settleBatch({ db }, lease, { attempt: null, settlements, release: RELEASE });
}

async function expireLeases(): Promise<void> {
  await db.pool.query("update due_account set lease_until = now() - interval '1 s'");
}

describe("leases", () => {
  test("an ad account is claimed once, whoever asks", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("1")]);
    await skipWaiting(db);
    const claims = await Promise.all(Array.from({ length: 12 }, () => claimAccounts({ db }, 10)));
    expect(claims.flat()).toHaveLength(1);
  });

  test("what a stale lease settles changes nothing", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("2")]);
    const stale = await claimOne();
    const [event] = await dueOf(stale);
    await expireLeases();
    const current = await claimOne();
    const ref = event?.ref ?? 0n;
    expect(await settle(stale, [settlement(ref, "rejected")])).toEqual({ kind: "stale" });
    expect(await readStates(db, shop.id)).toMatchObject([{ state: "pending", attempts: 0 }]);
    expect(await settle(current, [settlement(ref, "accepted")])).toMatchObject({ kind: "settled" });
    expect(await readStates(db, shop.id)).toMatchObject([{ state: "accepted" }]);
  });

  test("a lease that was given back settles nothing more", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("3")]);
    const lease = await claimOne();
    const [event] = await dueOf(lease);
    await settle(lease, []);
    expect(await settle(lease, [settlement(event?.ref ?? 0n, "accepted")])).toEqual({
      kind: "stale",
    });
  });

  test("an account whose worker died is free when its lease runs out", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("4")]);
    await claimOne();
    expect(await claimAccounts({ db }, 10)).toEqual([]);
    const { rows } = await db.pool.query(
      "select extract(epoch from lease_until - now()) as seconds from due_account",
    );
    expect(Number(rows[0].seconds)).toBeLessThanOrEqual(30);
    await expireLeases();
    expect(await claimAccounts({ db }, 10)).toHaveLength(1);
  });

  test("a rest that was asked for during a lease is not shortened by its end", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("rest")]);
    const lease = await claimOne();
    await db.pool.query("update due_account set not_before = now() + interval '1 hour'");
    const release = { ...RELEASE, pauseMs: 1_000 };
    await settleBatch({ db }, lease, { attempt: null, settlements: [], release });
    const { rows } = await db.pool.query(
      "select not_before > now() + interval '30 minutes' as still_rests from due_account",
    );
    expect(rows).toEqual([{ still_rests: true }]);
  });

  test("an accepted event stays accepted, whatever a later answer says", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("5")]);
    const lease = await claimOne();
    const [event] = await dueOf(lease);
    const ref = event?.ref ?? 0n;
    const step = { attempt: null, release: null };
    await settleBatch({ db }, lease, { ...step, settlements: [settlement(ref, "accepted")] });
    await settleBatch({ db }, lease, { ...step, settlements: [settlement(ref, "pending")] });
    expect(await readStates(db, shop.id)).toMatchObject([{ state: "accepted" }]);
    expect(await dueOf(lease)).toEqual([]);
  });

  test("an event cancelled while Pinterest had it in hand is accepted if Pinterest took it", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("6"), purchase("7")]);
    const lease = await claimOne();
    const [first, second] = await dueOf(lease);
    const cancelled = ["6", "7"].map((id) => purchase(id, { outcome: skip("cancelled") }));
    await commitEvents(services(), shop, cancelled);
    await settle(lease, [
      settlement(first?.ref ?? 0n, "accepted"),
      settlement(second?.ref ?? 0n, "pending"),
    ]);
    expect(await readStates(db, shop.id)).toMatchObject([
      { event_id: "order-6-checkout", state: "accepted" },
      { event_id: "order-7-checkout", state: "skipped", reason: "cancelled" },
    ]);
  });
});

describe("when an ad account is due", () => {
  test("half a second after its first event, or at once when a thousand wait", async () => {
    const [few, many] = [await makeShop(services()), await makeShop(services())];
    await commitEvents(services(), few, [purchase("10")]);
    await commitEvents(
      services(),
      many,
      Array.from({ length: 1_000 }, (_, n) => purchase(String(20_000 + n))),
    );
    const { rows } = await db.pool.query(
      `select d.ad_account_id, d.next_at <= now() as is_due,
          extract(epoch from d.next_at - min(e.created_at))::float as seconds
        from due_account d join event e using (ad_account_id) group by d.ad_account_id, d.next_at`,
    );
    const accounts = new Map(rows.map((row) => [row.ad_account_id, row]));
    expect(accounts.get(few.adAccountId).seconds).toBeGreaterThanOrEqual(0.5);
    expect(accounts.get(many.adAccountId).is_due).toBe(true);
  });

  test.each(["webhooks", "hand"])("at once when 2 MiB wait that came by %s", async (by) => {
    const large = (n: number) => {
      const event = purchase(String(25_000 + n));
      const page = `https://shop.example/${"p".repeat(100 * 1024)}`;
      if (event.outcome.kind === "send") event.outcome.event.event_source_url = page;
      return event;
    };
    const shop = await makeShop(services());
    const isDueAfter = async (from: number, to: number) => {
      const events = Array.from({ length: to - from }, (_, n) => large(from + n));
      if (by === "webhooks") await commitEvents(services(), shop, events);
      else await commitGivenEvents(services(), { shop, actor: "test" }, events);
      const { rows } = await db.pool.query(
        "select next_at <= now() as is_due from due_account where ad_account_id = $1",
        [shop.adAccountId],
      );
      return rows[0].is_due;
    };
    await isDueAfter(0, 18);
    await db.pool.query("update due_account set next_at = now() + interval '1 hour'");
    expect([await isDueAfter(18, 19), await isDueAfter(19, 21)]).toEqual([false, true]);
  });

  test("a large backlog of one account does not put off the others", async () => {
    const [large, small] = [await makeShop(services()), await makeShop(services())];
    const backlog = Array.from({ length: 3_000 }, (_, n) => purchase(String(30_000 + n)));
    await commitEvents(services(), large, backlog);
    const lease = await claimOne();
    expect(lease.adAccountId).toBe(large.adAccountId);
    await commitEvents(services(), small, [purchase("40")]);
    await db.pool.query(
      "update due_account set next_at = now() - interval '1 ms' where ad_account_id = $1",
      [small.adAccountId],
    );
    const due = await dueOf(lease);
    const settlements = due.map(({ ref }) => settlement(ref, "accepted"));
    const release = { ...RELEASE, mayHaveMore: true };
    await settleBatch({ db }, lease, { attempt: null, settlements, release });
    const [next] = await claimAccounts({ db }, 1);
    expect(next?.adAccountId).toBe(small.adAccountId);
    const [after] = await claimAccounts({ db }, 1);
    expect(after?.adAccountId).toBe(large.adAccountId);
  });

  test("not again while nothing waits, and with the retry when something does", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("41"), purchase("42")]);
    const lease = await claimOne();
    const [first, second] = await dueOf(lease);
    await settle(lease, [
      settlement(first?.ref ?? 0n, "accepted"),
      settlement(second?.ref ?? 0n, "pending"),
    ]);
    const { rows } = await db.pool.query(
      "select extract(epoch from next_at - now()) as seconds from due_account",
    );
    expect(Number(rows[0].seconds)).toBeGreaterThan(4);
    const later = await claimOne();
    const [retried] = await dueOf(later);
    expect(retried).toMatchObject({ ref: second?.ref, payload: second?.payload });
    await settle(later, [settlement(retried?.ref ?? 0n, "accepted")]);
    const { rows: idle } = await db.pool.query(
      "select next_at = 'infinity' as idle from due_account",
    );
    expect(idle).toEqual([{ idle: true }]);
  });

  test("never more than 5,000 requests in a minute: 1,000 at once, then 4,000 a minute", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("43")]);
    const release = { ...RELEASE, unusedAllowance: 0 };
    // A minute in steps of half a second, in each of which the bucket is asked for all it has. The
    // time that the test itself takes fills the bucket too.
    const startedAt = Date.now();
    let requests = 0;
    for (let step = 0; step < 120; step += 1) {
      await db.pool.query("update due_account set tokens_at = tokens_at - interval '500 ms'");
      for (;;) {
        await db.pool.query("update due_account set next_at = now()");
        const [lease] = await claimAccounts({ db }, 1);
        if (lease === undefined) break;
        requests += lease.allowance;
        await settleBatch({ db }, lease, { attempt: null, settlements: [], release });
        if (lease.allowance < 32) break;
      }
    }
    const minutes = 1 + (Date.now() - startedAt) / 60_000;
    expect(requests).toBeLessThanOrEqual(5_000 * minutes);
    expect(requests).toBeGreaterThan(4_500);
  });
});

describe("events that wait for a merchant", () => {
  test("a paused connection's events are not read, and go when it is connected again", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("50")]);
    await pauseConnection(services(), shop.id, "unauthorized", "system");
    const lease = await claimOne();
    expect(await dueOf(lease)).toEqual([]);
    await settle(lease, []);
    const { adAccountId, domain } = shop;
    await connectAdAccount(services(), { domain, adAccountId, token: TOKEN, actor: "test" });
    expect(await dueOf(await claimOne())).toHaveLength(1);
  });

  test("events taken before the shop was connected get its ad account", async () => {
    const shop = await makeShop(services(), { adAccountId: null });
    await commitEvents(services(), shop, [purchase("51")]);
    const { domain } = shop;
    const connection = { domain, adAccountId: "549760000051", token: TOKEN, actor: "test" };
    await db.transaction((client) => connectIn(client, keyring, connection));
    expect(await assignAccountToOrphanedEvents({ db })).toBe(1);
    const lease = await claimOne();
    expect(lease.adAccountId).toBe("549760000051");
    expect(await dueOf(lease)).toHaveLength(1);
  });

  test("a process that ended between connecting again and waking the events leaves none asleep", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("55")]);
    await pauseConnection(services(), shop.id, "unauthorized", "system");
    await settle(await claimOne(), []);
    expect(await assignAccountToOrphanedEvents({ db })).toBe(0);
    const { adAccountId, domain } = shop;
    const connection = { domain, adAccountId, token: TOKEN, actor: "test" };
    await db.transaction((client) => connectIn(client, keyring, connection));
    expect(await assignAccountToOrphanedEvents({ db })).toBe(1);
    expect(await dueOf(await claimOne())).toHaveLength(1);
    expect(await assignAccountToOrphanedEvents({ db })).toBe(0);
  });

  test("an event older than Pinterest takes expires, connected or not", async () => {
    const eventTimeSeconds = Math.floor(Date.now() / 1_000) - SENDABLE_SECONDS - 1;
    const connected = await makeShop(services());
    const unconnected = await makeShop(services(), { adAccountId: null });
    await commitEvents(services(), connected, [
      purchase("52", { eventTimeSeconds }),
      purchase("53"),
    ]);
    await commitEvents(services(), unconnected, [purchase("54", { eventTimeSeconds })]);
    const lease = await claimOne();
    const { due, ended } = await readDueEvents(services(), lease);
    expect(due).toHaveLength(1);
    expect(ended).toMatchObject([{ reason: "too_old" }]);
    expect(await expireEvents({ db })).toBe(2);
    expect((await readStates(db, unconnected.id))[0]).toMatchObject({ state: "expired" });
    await settle(lease, []);
  });
});

describe("sending again", () => {
  async function settledEvents() {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase("60"), purchase("61"), purchase("62")]);
    const lease = await claimOne();
    const [first, second] = await dueOf(lease);
    await settle(lease, [
      settlement(first?.ref ?? 0n, "accepted"),
      settlement(second?.ref ?? 0n, "rejected"),
    ]);
    return shop;
  }

  test("a refused event goes back to pending under its id; an accepted one is left and named", async () => {
    const shop = await settledEvents();
    const eventIds = ["60", "61", "62", "63"].map((id) => `order-${id}-checkout`);
    const result = await replayEvents({ db, keyring }, { shopId: shop.id, eventIds }, "test");
    expect(result.replayed).toEqual(["order-61-checkout"]);
    expect(result.left.map(({ event_id, state }) => [event_id, state])).toEqual([
      ["order-60-checkout", "accepted"],
      ["order-62-checkout", "pending"],
      ["order-63-checkout", "unknown"],
    ]);
    const due = await dueOf(await claimOne());
    expect(due.map(({ payload }) => JSON.parse(payload).event_id).sort()).toEqual([
      "order-61-checkout",
      "order-62-checkout",
    ]);
  });

  test("by state, it takes those of that state alone", async () => {
    const shop = await settledEvents();
    const choice = { shopId: shop.id, state: "accepted", since: null };
    expect((await replayEvents({ db, keyring }, choice, "test")).replayed).toEqual([]);
    const rejected = { ...choice, state: "rejected" };
    expect((await replayEvents({ db, keyring }, rejected, "test")).replayed).toEqual([
      "order-61-checkout",
    ]);
  });

  test("an event whose key is lost is left and named", async () => {
    const shop = await settledEvents();
    const rejected = { shopId: shop.id, state: "rejected", since: null };
    const result = await replayEvents({ db, keyring: strangeKeyring() }, rejected, "test");
    expect(result).toMatchObject({ replayed: [], left: [{ state: "rejected", why: "no_body" }] });
  });

  test("another shop's event is unknown", async () => {
    await settledEvents();
    const other = await makeShop(services());
    const eventIds = ["order-61-checkout"];
    const result = await replayEvents({ db, keyring }, { shopId: other.id, eventIds }, "test");
    expect(result).toMatchObject({ replayed: [], left: [{ state: "unknown" }] });
  });

  const PAYLOADS = ["kept", "gone"] as const;
  const cases = EVENT_STATES.filter((state) => state !== "sending").flatMap((state) =>
    [60, SENDABLE_SECONDS + 1].flatMap((age) =>
      PAYLOADS.map((payload) => ({ state, age, payload })),
    ),
  );

  test("in SQL the rule for sending again is the same as in words, for every event there can be", async () => {
    const shop = await makeShop(services());
    await commitEvents(
      services(),
      shop,
      cases.map((_, n) => purchase(`rule-${n}`)),
    );
    for (const [n, { state, age, payload }] of cases.entries()) {
      const { rows } = await db.pool.query<{ id: bigint }>(
        `update event set state = $3, event_time = extract(epoch from now())::bigint - $4
          where shop_id = $1 and source_key = $2 returning id`,
        [shop.id.toString(), `rule-${n}`, state, age],
      );
      const id = String(rows[0]?.id);
      if (payload === "gone") {
        await db.pool.query("delete from event_payload where event_ref = $1", [id]);
      }
      const { rows: answers } = await db.pool.query<{ may: boolean }>(
        `select ${mayReplaySql()} as may from event e where id = $1`,
        [id],
      );
      const facts = { state, isLate: age > SENDABLE_SECONDS, hasPayload: payload === "kept" };
      expect([facts, answers[0]?.may]).toEqual([facts, findReplayBar(facts) === null]);
    }
    for (const table of ["event", "count_bucket"])
      await db.pool.query(`delete from ${table} where shop_id = $1`, [shop.id.toString()]);
  });
});
