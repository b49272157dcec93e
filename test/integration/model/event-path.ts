import { deliverAccount } from "#app/delivery/deliver-account.server.ts";
import { createPinterestBreaker } from "#app/delivery/pinterest-breaker.server.ts";
import { createPixelStore, type PixelResult } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import {
  type StoredAs,
  storeWebhooks,
  type VerifiedWebhook,
} from "#app/intake/store-webhooks.server.ts";
import { claimAccounts, type Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { scheduleFreeAccounts, type Waker } from "#app/outbox/schedule-accounts.server.ts";
import { expireEvents } from "#app/outbox/upkeep.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { openDelivery } from "#test/support/delivery-fixture.ts";
import { testKeyring } from "#test/support/outbox-fixture.ts";
import { release } from "#test/support/visit-fixture.ts";

/**
 * Where the process ends that stores a group: before its commit, between its two commits, or after
 * them and before it looks for held orders and wakes the account.
 */
export type StoreCrash = "none" | "uncommitted" | "half" | "committed";

/** Where a worker stops: `before` its request, or `after` Pinterest took it and before it settles. */
export type Gate = "none" | "before" | "after";

/** A worker that stopped in the middle of a request. */
export interface StoppedWorker {
  lease: Lease;
  gate: Gate;
  /** The events of its request. */
  ids: readonly string[];
  /** Seconds that have passed since it claimed. */
  age: number;
  /** Lets it go on, and waits for its end. */
  resume(): Promise<void>;
}

const log = createLogger("silent");

/** The real functions from intake to delivery on a database and a Pinterest of their own. */
export interface EventPath {
  db: TestDatabase;
  keyring: ReturnType<typeof testKeyring>;
  pinterest: LocalPinterest;
  storeGroup(webhooks: readonly VerifiedWebhook[], crash: StoreCrash): Promise<StoredAs[] | null>;
  storePixels(bodies: readonly Buffer[], isCutOff: boolean): Promise<PixelResult["as"][]>;
  releaseHeld(shopId: bigint, checkoutToken: string): Promise<void>;
  /** Gives each due account of `accounts` a turn. Returns those who stopped at the gate. */
  work(
    accounts: readonly string[],
    gate: Gate,
  ): Promise<{ claimed: Lease[]; stopped: StoppedWorker[] }>;
  passTime(accounts: readonly string[], shopIds: readonly bigint[], seconds: number): Promise<void>;
  close(): Promise<void>;
}

export async function openEventPath(): Promise<EventPath> {
  const db = await openTestDatabase();
  // The test kills processes, and never the server: what is committed stays.
  await db.pool.query(
    `alter database ${new URL(db.url).pathname.slice(1)} set synchronous_commit = off`,
  );
  const keyring = testKeyring();
  const pinterest = await startLocalPinterest();
  const delivery = openDelivery({ db, keyring, pinterestUrl: pinterest.url });
  const waker = (isGone: boolean) => createImmediateWaker(db, isGone);
  const common = { keyring, log, nowMs: Date.now };
  const storePixels = { told: openPixelStore(false), cutOff: openPixelStore(true) };

  function openPixelStore(isGone: boolean) {
    const own = waker(isGone);
    const store = createPixelStore({ ...common, db: withoutRelease(db), waker: own });
    return async (bodies: readonly Buffer[]) => {
      const arrival = { address: "203.0.113.9", userAgent: null, atMs: Date.now() };
      const arrived = bodies.map((body) => ({ ...arrival, body }));
      const results = await store(arrived, "patient");
      await own.settle(0);
      return results.map(({ as }) => as);
    };
  }

  return {
    db,
    keyring,
    pinterest,
    async storeGroup(webhooks, crash) {
      const own = waker(crash !== "none");
      const serialize = <T>(work: () => Promise<T>) => work();
      const place = dyingAfter(
        withoutRelease(db),
        { none: 9, uncommitted: 0, half: 1, committed: 9 }[crash],
      );
      const services = { ...common, db: place.db, waker: own, serialize };
      const stored = await storeWebhooks(services, webhooks, "patient").catch((error: unknown) => {
        if (place.isDead()) return null;
        throw error;
      });
      await own.settle(0);
      // A group that fails is stored by the shop, and says so of each row.
      return place.isDead() ? null : stored;
    },
    storePixels: (bodies, isCutOff) => storePixels[isCutOff ? "cutOff" : "told"](bodies),
    async releaseHeld(shopId, checkoutToken) {
      await release({ db, keyring }, { shopId, checkoutToken });
    },
    async work(accounts, gate) {
      await db.pool.query(
        `update due_account set next_at = least(next_at, now())
          where ad_account_id = any($1) and next_at <> 'infinity'`,
        [accounts],
      );
      const claimed = await claimAccounts({ db }, 100);
      const turns = await Promise.all(
        claimed.map(async (lease) => {
          const { pinterest: client, arrived, open, ids } = stopAt(gate, delivery.pinterest);
          const services = { ...delivery, pinterest: client, breaker: createPinterestBreaker() };
          const done = deliverAccount(services, lease);
          const isStopped = await Promise.race([arrived, done.then(() => false)]);
          const resume = async () => {
            open();
            await done;
          };
          return isStopped ? [{ lease, gate, ids, age: 0, resume }] : [];
        }),
      );
      return { claimed, stopped: turns.flat() };
    },
    async passTime(accounts, shopIds, seconds) {
      const by = `interval '${seconds} seconds'`;
      const isWeek = seconds >= WEEK_SECONDS;
      await db.pool.query(
        `update event set next_at = next_at - ${by}${isWeek ? `, event_time = event_time - ${seconds}` : ""}
          where shop_id = any($1) and state in ('held', 'pending')`,
        [shopIds.map(String)],
      );
      await db.pool.query(
        `update due_account set next_at = next_at - ${by}, not_before = not_before - ${by},
            lease_until = lease_until - ${by}, leased_at = leased_at - ${by}, lost_until = lost_until - ${by}
          where ad_account_id = any($1)`,
        [accounts],
      );
      if (isWeek) await expireEvents({ db });
    },
    async close() {
      await delivery.close();
      await pinterest.close();
      await db.close();
    },
  };
}

export const WEEK_SECONDS = 7 * 86_400;

/** Schedules at once: the waker gathers for 25 ms, and that many times in a run. */
function createImmediateWaker(db: TestDatabase, isGone: boolean): Waker {
  let scheduled: Promise<unknown> = Promise.resolve();
  return {
    wake(fresh) {
      if (isGone || fresh.size === 0) return;
      scheduled = scheduled.then(() => scheduleFreeAccounts(db.pool, fresh));
    },
    async settle() {
      await scheduled;
    },
  };
}

/** Connections on which intake looks for no held order after its commit: the test does, or does not. */
function withoutRelease(db: TestDatabase): TestDatabase {
  const query = (statement: { name?: string }, ...rest: []) =>
    statement.name === "find-held"
      ? Promise.reject(new Error("the process ended here"))
      : db.pool.query(statement as never, ...rest);
  return { ...db, pool: Object.create(db.pool, { query: { value: query } }) };
}

/** Connections of a process that ends after so many transactions. */
function dyingAfter(db: TestDatabase, transactions: number) {
  let left = transactions;
  let isDead = false;
  const transaction: TestDatabase["transaction"] = (work, options) => {
    left -= 1;
    if (left >= 0) return db.transaction(work, options);
    isDead = true;
    return Promise.reject(new Error("the process ended here"));
  };
  return { db: { ...db, transaction }, isDead: () => isDead };
}

type SendEvents = ReturnType<typeof openDelivery>["pinterest"]["sendEvents"];

function stopAt(gate: Gate, pinterest: { sendEvents: SendEvents }) {
  const arrived = Promise.withResolvers<boolean>();
  const opened = Promise.withResolvers<void>();
  const ids: string[] = [];
  async function pass(here: Gate): Promise<void> {
    if (here !== gate) return;
    arrived.resolve(true);
    await opened.promise;
  }
  const sendEvents: SendEvents = async (batch) => {
    ids.push(...batch.bodies.map((body) => JSON.parse(body).event_id));
    await pass("before");
    const answer = await pinterest.sendEvents(batch);
    await pass("after");
    return answer;
  };
  const client = { ...pinterest, sendEvents } as ReturnType<typeof openDelivery>["pinterest"];
  return { pinterest: client, arrived: arrived.promise, open: () => opened.resolve(), ids };
}
