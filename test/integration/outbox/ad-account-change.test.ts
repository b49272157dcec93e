import { beforeEach, describe, expect, test } from "vitest";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import {
  assignAccountToOrphanedEvents,
  assignAccountToWaitingEvents,
} from "#app/outbox/assign-account.server.ts";
import { claimAccounts, type Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import { expireEvents } from "#app/outbox/upkeep.server.ts";
import { connectAdAccount, connectIn } from "#app/shops/connection/connect-ad-account.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import type { EarlierEvents } from "#app/shops/connection/store-connection.server.ts";
import type { LocalPinterest } from "#test/sandbox/local-pinterest.ts";
import type { TestDatabase } from "#test/support/database.ts";
import { deliverOnce, type openDelivery } from "#test/support/delivery-fixture.ts";
import { openDeliveryWorld } from "#test/support/delivery-world.ts";
import {
  commitEvents,
  makeShop,
  purchase,
  readStates,
  skipWaiting,
  TOKEN,
} from "#test/support/outbox-fixture.ts";

const { db, services, renew } = await openDeliveryWorld({ timeoutMs: 300 });
let pinterest: LocalPinterest;
let delivery: ReturnType<typeof openDelivery>;
type TestShop = Awaited<ReturnType<typeof makeShop>>;

beforeEach(async () => {
  ({ pinterest, delivery } = await renew());
});

let accounts = 0;

/** Connects the shop to another ad account, and returns its id. */
async function change({ domain }: TestShop, earlier?: EarlierEvents): Promise<string> {
  accounts += 1;
  const adAccountId = String(549_800_000_000 + accounts);
  await connectAdAccount(services(), {
    domain,
    adAccountId,
    token: TOKEN,
    actor: "user:7",
    ...(earlier && { earlier }),
  });
  return adAccountId;
}

const orders = (...ids: string[]) => ids.map((id) => purchase(id));

/** Where each request went, with the ids that it carried. */
const requests = () => pinterest.ledger.requests.map(({ adAccountId, ids }) => [adAccountId, ids]);

async function accountsOf(shop: TestShop): Promise<(string | null)[]> {
  const { rows } = await db.pool.query(
    "select ad_account_id from event where shop_id = $1 order by event_id",
    [shop.id],
  );
  return rows.map((row) => row.ad_account_id);
}

async function leaseOf({ adAccountId }: { adAccountId: string }): Promise<Lease> {
  await skipWaiting(db);
  const lease = (await claimAccounts({ db }, 100)).find((one) => one.adAccountId === adAccountId);
  if (lease === undefined) throw new Error("the account was not due");
  return lease;
}

const RELEASE = { mayHaveMore: false, unusedAllowance: 0, pauseMs: null, failures: null };

describe("a change of the ad account", () => {
  test("sends what waited for a refused one to the new one, also what that one refused", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, orders("1"));
    pinterest.fail({ kind: "status", status: 403, adAccountId: shop.adAccountId, times: 1 });
    await deliverOnce(delivery);
    await pauseConnection({ db }, shop.id, "forbidden", "system");
    await commitEvents(services(), shop, orders("2", "3"));
    const next = await change(shop);
    const before = requests().length;
    await deliverOnce(delivery);
    expect(requests().slice(before)).toEqual([
      [next, ["order-1-checkout", "order-2-checkout", "order-3-checkout"]],
    ]);
    expect(new Set((await readStates(db, shop.id)).map(({ state }) => state))).toEqual(
      new Set(["accepted"]),
    );
  });

  test.each([
    { kind: "hang", recorded: true },
    { kind: "malformed" },
    { kind: "status", status: 503 },
  ] as const)(
    "never sends what Pinterest may have at the old one to the new one ($kind)",
    async (fault) => {
      const shop = await makeShop(services());
      await commitEvents(services(), shop, orders("10"));
      pinterest.fail({ ...fault, times: 1 });
      await deliverOnce(delivery);
      await commitEvents(services(), shop, orders("11"));
      const next = await change(shop);
      expect(await accountsOf(shop)).toEqual([shop.adAccountId, next]);
      await deliverOnce(delivery);
      expect(requests().slice(1).sort()).toEqual([
        [shop.adAccountId, ["order-10-checkout"]],
        [next, ["order-11-checkout"]],
      ]);
    },
  );

  test("leaves with the old one what a worker that died may have sent", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, orders("20"));
    expect((await readDueEvents(services(), await leaseOf(shop))).due).toHaveLength(1);
    await db.pool.query("update due_account set lease_until = now(), next_at = now()");
    await pauseConnection({ db }, shop.id, "merchant", "test");
    // Another worker has taken the account over meanwhile, and found nothing that it may send.
    const [lease] = await claimAccounts({ db }, 1);
    if (lease === undefined) throw new Error("the account was not free");
    await settleBatch({ db }, lease, { attempt: null, settlements: [], release: RELEASE });
    await commitEvents(services(), shop, orders("21"));
    await db.pool.query("update event set next_at = now() + interval '1 s' where order_id = '21'");
    const next = await change(shop);
    expect(await accountsOf(shop)).toEqual([shop.adAccountId, next]);
  });

  test("moves what a worker has in hand only when that worker has settled it", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, orders("30", "31"));
    const lease = await leaseOf(shop);
    const [first] = (await readDueEvents(services(), lease)).due;
    const next = await change(shop);
    expect(new Set(await accountsOf(shop))).toEqual(new Set([shop.adAccountId]));
    const accepted = { state: "accepted", reason: null, warning: null, retryInMs: null } as const;
    await settleBatch({ db }, lease, {
      attempt: null,
      settlements: [{ ref: first?.ref ?? 0n, ...accepted }],
      release: RELEASE,
    });
    expect(await assignAccountToOrphanedEvents({ db })).toBe(1);
    expect((await accountsOf(shop)).sort()).toEqual([shop.adAccountId, next].sort());
    await deliverOnce(delivery);
    expect(requests()).toMatchObject([[next, [expect.any(String)]]]);
  });

  test("holds for an order that was mapped just before and stored just after it", async () => {
    const shop = await makeShop(services());
    const next = await change(shop);
    await commitEvents(services(), shop, orders("40"));
    await deliverOnce(delivery);
    expect(requests()).toEqual([]);
    expect(await assignAccountToOrphanedEvents({ db })).toBe(1);
    await deliverOnce(delivery);
    expect(requests()).toEqual([[next, ["order-40-checkout"]]]);
    expect(await assignAccountToOrphanedEvents({ db })).toBe(0);
  });

  test("leaves what waits where the merchant says so: the old account may take it, or it runs out", async () => {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, orders("50", "51"));
    const next = await change(shop, "leave");
    await commitEvents(services(), shop, orders("52"));
    expect(await assignAccountToOrphanedEvents({ db })).toBe(1);
    expect(await accountsOf(shop)).toEqual([shop.adAccountId, shop.adAccountId, next]);
    pinterest.fail({ kind: "status", status: 403, adAccountId: shop.adAccountId });
    await deliverOnce(delivery);
    expect((await readStates(db, shop.id)).map(({ state }) => state)).toEqual([
      "pending",
      "pending",
      "accepted",
    ]);
    expect(await assignAccountToOrphanedEvents({ db })).toBe(0);
    await db.pool.query(
      "update event set event_time = event_time - $2::bigint where shop_id = $1 and state = 'pending'",
      [shop.id, SENDABLE_SECONDS],
    );
    await db.pool.query("delete from count_bucket");
    await db.pool.query(
      `insert into count_bucket (shop_id, bucket, kind, source, state, n)
        select shop_id, to_timestamp(event_time - event_time % 900), kind, source, state, count(*)
        from event group by 1, 2, 3, 4, 5`,
    );
    expect(await expireEvents({ db })).toBe(2);
    expect((await readStates(db, shop.id))[0]).toMatchObject({
      state: "expired",
      reason: "too_old",
    });
  });

  test("goes in pages, and holds no ad account's row meanwhile", async () => {
    const shop = await makeShop(services(), { adAccountId: null });
    await db.pool.query(
      `insert into event (lane, shop_id, kind, source_key, event_id, id_source, source, state, event_time, settings_version)
        select 1, $1, 'checkout', i::text, 'o' || i, 'order', 'web', 'pending', extract(epoch from now())::bigint, 1
        from generate_series(1, 2500) i`,
      [shop.id.toString()],
    );
    const pages: { events: number; accounts: number }[] = [];
    const watched: Pick<TestDatabase, "pool" | "transaction"> = {
      pool: db.pool,
      transaction: (work, options) =>
        db.transaction(async (client) => {
          const result = await work(client);
          const { rows } = await client.query(
            `select (select count(*)::integer from event where xmin = pg_current_xact_id()::xid) as events,
              (select count(*)::integer from due_account
                where pg_current_xact_id()::xid in (xmin, xmax)) as accounts`,
          );
          pages.push(rows[0]);
          return result;
        }, options),
    };
    const { domain } = shop;
    const connection = { domain, adAccountId: "549800999999", token: TOKEN, actor: "test" };
    await db.transaction((client) => connectIn(client, services().keyring, connection));
    expect(await assignAccountToWaitingEvents({ db: watched }, shop.id)).toBe(2_500);
    expect(pages.filter(({ events }) => events > 0).map(({ events }) => events)).toEqual([
      1_000, 1_000, 500,
    ]);
    expect(pages.every(({ accounts: locked }) => locked === 0)).toBe(true);
    await db.pool.query("truncate event");
  });
});
