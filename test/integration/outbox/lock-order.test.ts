import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { changeRetention } from "#app/admin/privacy/change-retention.server.ts";
import { visitKey } from "#app/events/visit.ts";
import { commitGivenEvents } from "#app/outbox/append/commit-given-events.server.ts";
import { skipGuests } from "#app/outbox/append/skip-guests.server.ts";
import {
  assignAccountToOrphanedEvents,
  assignAccountToWaitingEvents,
} from "#app/outbox/assign-account.server.ts";
import { rebuildEvent, sendNow } from "#app/outbox/by-hand.server.ts";
import { type CountChange, countEvents } from "#app/outbox/count-events.server.ts";
import { claimAccounts } from "#app/outbox/drain/claim-accounts.server.ts";
import { readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import { dropOldRows } from "#app/outbox/drop-old-rows.server.ts";
import { replayEvents } from "#app/outbox/replay-events.server.ts";
import { scheduleAccounts } from "#app/outbox/schedule-accounts.server.ts";
import { expireEvents } from "#app/outbox/upkeep.server.ts";
import { processRun } from "#app/runs/register-run-worker.server.ts";
import { saveBilling } from "#app/shops/billing/save-billing.server.ts";
import { connectAdAccount, connectIn } from "#app/shops/connection/connect-ad-account.server.ts";
import {
  pauseConnection,
  resumeConnection,
} from "#app/shops/connection/pause-connection.server.ts";
import { disconnectPinterest } from "#app/shops/connection/store-connection.server.ts";
import { recordTestPassed } from "#app/shops/connection/test-connection.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { changeSettings, restoreSettings } from "#app/shops/settings/change-settings.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  makeShop,
  purchase,
  skip,
  skipWaiting,
  TOKEN,
  testKeyring,
} from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { heldFor, release, seedVisit } from "#test/support/visit-fixture.ts";
import { LOCK_ORDER, type LockLog, watchLocks } from "./watch-locks.ts";

let plain: TestDatabase;
/** The same with a record of what its transactions lock. */
let db: TestDatabase;
let log: LockLog;
const keyring = testKeyring();
type TestShop = Awaited<ReturnType<typeof makeShop>>;
let shop: TestShop;

beforeAll(async () => {
  plain = await openTestDatabase();
});
afterAll(() => plain.close());
beforeEach(async () => {
  await plain.pool.query("truncate event, event_payload, due_account, count_bucket, receipt");
  shop = await makeShop({ db: plain, keyring });
  [db, log] = watchLocks(plain);
});

const store = (...events: Parameters<typeof commitEvents>[2]) =>
  commitEvents({ db: plain, keyring }, shop, events);

const to = (state: string) =>
  plain.pool.query("update event set state = $1, settled_at = now() - interval '1 day'", [state]);

async function settle(): Promise<void> {
  await skipWaiting(plain);
  const [lease] = await claimAccounts({ db }, 1);
  if (lease === undefined) throw new Error("nothing was due");
  const { due } = await readDueEvents({ db, keyring }, lease);
  const attempt = {
    shopId: shop.id,
    startedAt: new Date(),
    durationMs: 1,
    outcome: "outcomes",
    httpStatus: 200,
    pinterestCode: null,
    message: null,
    refs: due.map(({ ref }) => ref),
    answers: null,
  };
  const [first] = due;
  await settleBatch({ db }, lease, {
    attempt,
    settlements: [
      { ref: first?.ref ?? 0n, state: "accepted", reason: null, warning: null, retryInMs: null },
    ],
    release: { mayHaveMore: false, unusedAllowance: 0, pauseMs: null, failures: 0 },
  });
}

const given = () => {
  const mapped = purchase("g", { sourceKey: "given:g", idSource: "given" });
  return commitGivenEvents({ db, keyring }, { shop, actor: "api" }, [mapped]);
};

const connection = (adAccountId: string) => {
  return { domain: shop.domain, adAccountId, token: TOKEN, actor: "test" };
};
const connect = (adAccountId: string) => connectAdAccount({ db, keyring }, connection(adAccountId));
/** As a process does that ends before it wakes what waits. */
const connectAsleep = (adAccountId: string) =>
  plain.transaction((client) => connectIn(client, keyring, connection(adAccountId)));

const choice = () => ({ shopId: shop.id, eventIds: ["order-1-checkout", "order-2-checkout"] });
const days = (n: number) => changeRetention({ db }, { shop, days: n, actor: "test" });
const set = (changes: Record<string, unknown>) =>
  changeSettings({ db }, { domain: shop.domain, changes, actor: "test" });

/** Each with the tables that it locks in the transaction that locks most of them. */
const useCases: [name: string, run: () => Promise<unknown>, locks: string][] = [
  [
    "a webhook that cancels a waiting order",
    async () => {
      await store(purchase("1"));
      await commitEvents({ db, keyring }, shop, [purchase("1", { outcome: skip("cancelled") })]);
    },
    "event count_bucket shop",
  ],
  [
    "releasing a held order to its browser's id",
    async () => {
      await store(heldFor("token-1", purchase("1")));
      const place = { shopId: shop.id, key: visitKey("checkout", "token-1") };
      await seedVisit({ db: plain, keyring }, place, { completedEventId: "sh-1" });
      await release({ db, keyring }, { shopId: shop.id, checkoutToken: "token-1" });
    },
    "event event_payload count_bucket",
  ],
  [
    "settling a batch",
    async () => {
      await store(purchase("1"), purchase("2"));
      await settle();
    },
    "due_account event count_bucket",
  ],
  [
    "sending again",
    async () => {
      await store(purchase("1"), purchase("2"));
      await to("rejected");
      await replayEvents({ db, keyring }, choice(), "test");
    },
    "due_account event count_bucket",
  ],
  [
    "a run that sends again",
    async () => {
      await store(purchase("1"));
      await to("rejected");
      const { rows } = await plain.pool.query("select id from event");
      const { rows: runs } = await plain.pool.query(
        "insert into run (shop_id, kind, state, total, actor) values ($1, 'replay', 'running', 1, 'test') returning id",
        [shop.id],
      );
      await plain.pool.query(
        `insert into run_item (run_id, shop_id, state, place, event_id, event_name)
          select $1, shop_id, 'waiting', 0, event_id, kind from event where id = $2`,
        [runs[0].id, rows[0].id],
      );
      await processRun({ db, keyring, nowMs: Date.now }, runs[0].id, Infinity);
    },
    "run due_account event count_bucket",
  ],
  ["events by hand", given, "due_account count_bucket"],
  [
    "events by hand in place of refused ones",
    async () => {
      await given();
      await to("rejected");
      await given();
    },
    "due_account event event_payload count_bucket",
  ],
  [
    "rebuilding",
    async () => {
      await store(purchase("1"));
      await to("rejected");
      await rebuildEvent({ db, keyring }, { shop, actor: "test" }, purchase("1"));
    },
    "due_account event event_payload count_bucket",
  ],
  [
    "sending at once",
    async () => {
      await store(purchase("1"));
      await plain.pool.query("update event set next_at = now() + interval '1 hour'");
      const chosen = { shopId: shop.id, eventId: "order-1-checkout", kind: "checkout" };
      await sendNow({ db }, chosen, "test");
    },
    "due_account event",
  ],
  [
    "expiry",
    async () => {
      await store(purchase("1"));
      await plain.pool.query("update event set event_time = 1, payload_drop_on = current_date");
      await expireEvents({ db });
    },
    "event count_bucket",
  ],
  [
    "retention",
    async () => {
      await store(purchase("1"));
      await to("accepted");
      await plain.pool.query("update event set created_at = now() - interval '91 days'");
      await dropOldRows({ db });
    },
    "event count_bucket",
  ],
  [
    "fewer days",
    async () => {
      await store(purchase("1"));
      await to("accepted");
      await days(1);
    },
    "event event_payload",
  ],
  ["guests", () => skipGuests({ db }), "event"],
  [
    "adopting",
    async () => {
      await store(purchase("1"));
      await connectAsleep("549800000001");
      await assignAccountToWaitingEvents({ db }, shop.id);
    },
    "event",
  ],
  [
    "adopting strays",
    async () => {
      await store(purchase("1"));
      await connectAsleep("549800000002");
      await assignAccountToOrphanedEvents({ db });
    },
    "event",
  ],
  ["connecting", () => connect("549800000003"), "shop connection"],
  ["pausing", () => pauseConnection({ db }, shop.id, "merchant", "test"), "connection"],
  [
    "resuming",
    async () => {
      await pauseConnection({ db }, shop.id, "merchant", "test");
      await resumeConnection({ db }, shop.id, "test");
    },
    "connection",
  ],
  ["a test that passed", () => recordTestPassed({ db }, shop.id, "test"), "connection"],
  ["disconnecting", () => disconnectPinterest({ db }, shop.id, "test"), "connection"],
  ["installing", () => installShop({ db }, { domain: shop.domain }), "shop"],
  [
    "uninstalling",
    () => uninstallShop({ db }, { domain: shop.domain, triggeredAt: null }),
    "shop connection",
  ],
  [
    "coming back",
    async () => {
      await uninstallShop({ db }, { domain: shop.domain, triggeredAt: null });
      await installShop({ db }, { domain: shop.domain });
    },
    "shop connection",
  ],
  ["changing settings", () => set({ hold_seconds: 5 }), "shop"],
  [
    "restoring settings",
    async () => {
      await set({ hold_seconds: 5 });
      await restoreSettings({ db }, { domain: shop.domain, version: 1, actor: "test" });
    },
    "shop",
  ],
  [
    "billing",
    () => saveBilling({ db }, { shopId: shop.id, seen: [], now: new Date(), actor: "test" }),
    "shop",
  ],
];

describe("rows are locked in one order", () => {
  test.each(useCases)("%s", async (_, run, locks) => {
    await run();
    expect(log.inversions).toEqual([]);
    const longest = log.orders.toSorted((left, right) => right.length - left.length)[0] ?? [];
    expect(longest.join(" ")).toBe(locks);
  });

  test("and another order would be noticed", async () => {
    await store(purchase("1"));
    await db.transaction(async (client) => {
      await client.query("select from event e order by e.id for no key update of e");
      await scheduleAccounts(client, new Map([[shop.adAccountId, 0]]));
      await client.query("update shop set scopes = 'x' where id = $1", [shop.id]);
    });
    expect(log.inversions).toMatchObject([
      expect.stringContaining("due_account after event"),
      expect.stringContaining("shop after due_account"),
    ]);
    expect(LOCK_ORDER).toContain("event");
  });
});

describe("nobody waits for a neighbour", () => {
  test("counters are locked in the order of their keys, in whatever order they changed", async () => {
    const change = (kind: string): CountChange => ({
      shopId: shop.id,
      bucket: "2026-11-24T06:00:00Z",
      kind,
      source: "web",
      state: "pending",
      reason: null,
      by: 1,
    });
    await plain.transaction((client) => countEvents(client, [change("a"), change("b")]));
    const row = (kind: string) =>
      `select from count_bucket where shop_id = ${shop.id} and kind = '${kind}' for no key update`;
    const holder = await plain.pool.connect();
    await holder.query("begin");
    await holder.query(row("b"));
    const counting = plain.transaction((client) => countEvents(client, [change("b"), change("a")]));
    try {
      // It waits for `b`, so it must hold `a` by now.
      await eventually(async () => {
        const held = plain.transaction((client) => client.query(`${row("a")} nowait`));
        return held.then(
          () => false,
          (error: { code?: string }) => error.code === "55P03",
        );
      });
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    await counting;
  });

  test("a claim passes over an account whose row somebody holds", async () => {
    const other = await makeShop({ db: plain, keyring });
    await store(purchase("1"));
    await commitEvents({ db: plain, keyring }, other, [purchase("2")]);
    await skipWaiting(plain);
    const holder = await plain.pool.connect();
    await holder.query("begin");
    await holder.query("select from due_account where ad_account_id = $1 for no key update", [
      shop.adAccountId,
    ]);
    let claimed: string[] | undefined;
    const claiming = claimAccounts({ db: plain }, 10).then((leases) => {
      claimed = leases.map(({ adAccountId }) => adAccountId);
    });
    try {
      await eventually(() => claimed !== undefined);
      expect(claimed).toEqual([other.adAccountId]);
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    await claiming;
  });

  test("an account that is due is not put off by the webhooks that go on coming", async () => {
    await store(purchase("1"));
    await plain.pool.query(
      "update due_account set next_at = now() - interval '1 second', fresh = 0",
    );
    await scheduleAccounts(plain.pool, new Map([[shop.adAccountId, 1]]));
    expect(await claimAccounts({ db: plain }, 10)).toHaveLength(1);
  });

  test("a pause and an uninstall of one shop at the same time both come to their end", async () => {
    let uninstalling: Promise<unknown> | undefined;
    const slow: Pick<TestDatabase, "transaction"> = {
      transaction: (work, options) =>
        plain.transaction(async (client) => {
          const query = (client.query as (...args: unknown[]) => Promise<unknown>).bind(client);
          let waited = false;
          return work(
            new Proxy(client, {
              get: (target, name) => {
                if (name !== "query") return Reflect.get(target, name);
                return async (...args: unknown[]) => {
                  const result = await query(...args);
                  if (!waited) {
                    waited = true;
                    uninstalling = uninstallShop(
                      { db: plain },
                      { domain: shop.domain, triggeredAt: null },
                    );
                    uninstalling.catch(() => {});
                    await isWaiting();
                  }
                  return result;
                };
              },
            }),
          );
        }, options),
    };
    await pauseConnection({ db: slow }, shop.id, "unauthorized", "system");
    expect(await uninstalling).toBe("uninstalled");
  });
});

/** Until some transaction waits for another one's row. */
async function isWaiting(): Promise<void> {
  await eventually(async () => {
    const { rows } = await plain.pool.query(
      "select count(*)::integer as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    return rows[0].n > 0;
  });
}
