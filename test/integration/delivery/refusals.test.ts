import { beforeEach, describe, expect, test } from "vitest";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import type { LocalPinterest } from "#test/sandbox/local-pinterest.ts";
import {
  deliverDue,
  deliverOnce,
  type openDelivery,
  passTime,
} from "#test/support/delivery-fixture.ts";
import { openDeliveryWorld } from "#test/support/delivery-world.ts";
import { commitEvents, makeShop, purchase, readStates } from "#test/support/outbox-fixture.ts";

const { db, services, renew } = await openDeliveryWorld({ timeoutMs: 300 });
let pinterest: LocalPinterest;
let delivery: ReturnType<typeof openDelivery>;

beforeEach(async () => {
  ({ pinterest, delivery } = await renew());
});

const orders = (count: number, from = 1) =>
  Array.from({ length: count }, (_, n) => purchase(String(from + n)));

async function storedShop(count: number) {
  const shop = await makeShop(services());
  await commitEvents(services(), shop, orders(count));
  return shop;
}

async function countStates(shopId: bigint): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { state } of await readStates(db, shopId)) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

async function account() {
  const { rows } = await db.pool.query(
    `select batch_limit, failures, extract(epoch from not_before - now())::float8 as rests_for
      from due_account`,
  );
  return rows[0] as { batch_limit: number; failures: number; rests_for: number };
}

const sizes = () => pinterest.ledger.requests.map(({ ids }) => ids.length);

describe("a backlog that Pinterest refuses as a whole", () => {
  test("is kept, the account rests, and all is sent once Pinterest takes it", async () => {
    const shop = await storedShop(200);
    pinterest.fail({ kind: "status", status: 400 });
    for (let turn = 0; turn < 4; turn += 1) await deliverOnce(delivery);
    expect(await countStates(shop.id)).toEqual({ pending: 200 });
    expect((await account()).rests_for).toBeGreaterThan(60);
    const { rows } = await db.pool.query(
      "select state, trouble, trouble_detail, trouble_times from connection where shop_id = $1",
      [shop.id],
    );
    const trouble_detail = "The request was invalid.";
    expect(rows).toEqual([
      { state: "active", trouble: "all_refused", trouble_detail, trouble_times: 4 },
    ]);
    // Each further try asks about a few events, not about the whole of it.
    expect(pinterest.ledger.requests.length).toBeLessThanOrEqual(32 + 3 * 3);
    pinterest.heal();
    for (let turn = 0; turn < 3; turn += 1) await deliverOnce(delivery);
    expect(await countStates(shop.id)).toEqual({ accepted: 200 });
    const { rows: healed } = await db.pool.query(
      "select trouble from connection where shop_id = $1",
      [shop.id],
    );
    expect(healed).toEqual([{ trouble: null }]);
  });

  test("costs at most half a hundred where the orders come one by one", async () => {
    const shop = await makeShop(services());
    pinterest.fail({ kind: "status", status: 400 });
    for (let n = 0; n < 55; n += 1) {
      await commitEvents(services(), shop, orders(1, n));
      await deliverOnce(delivery);
    }
    const { rejected, pending } = await countStates(shop.id);
    expect(rejected).toBeLessThan(50);
    expect(pending).toBeGreaterThan(5);
  });

  test("is not what two events are that others are accepted beside", async () => {
    const shop = await storedShop(8);
    for (const id of ["1", "2"])
      pinterest.fail({ kind: "poison", eventId: `order-${id}-checkout` });
    await deliverOnce(delivery);
    expect(await countStates(shop.id)).toEqual({ accepted: 6, rejected: 2 });
  });

  test("nor one event alone", async () => {
    const shop = await storedShop(1);
    pinterest.fail({ kind: "status", status: 400 });
    await deliverOnce(delivery);
    expect(await countStates(shop.id)).toEqual({ rejected: 1 });
  });
});

describe("a batch whose answer is lost", () => {
  test("is halved the next time, also by another process, and grows again", async () => {
    const shop = await storedShop(8);
    pinterest.fail({ kind: "hang", recorded: false, times: 2 });
    await deliverOnce(delivery);
    await deliverOnce(delivery);
    expect(sizes()).toEqual([8, 4]);
    expect((await account()).batch_limit).toBe(2);
    await deliverOnce(delivery);
    expect(sizes()).toEqual([8, 4, 2, 4, 2]);
    expect(await countStates(shop.id)).toEqual({ accepted: 8 });
    expect(pinterest.ledger.duplicates).toBe(0);
  });

  test("keeps the rest that Pinterest asked for when others come after it", async () => {
    const shop = await storedShop(1);
    pinterest.fail({ kind: "status", status: 429, retryAfter: 600, times: 1 });
    await deliverOnce(delivery);
    await db.pool.query("update due_account set not_before = not_before, next_at = now()");
    const { rests_for: before } = await account();
    await commitEvents(services(), shop, orders(1_000, 100));
    const { rests_for: after } = await account();
    expect(after).toBeGreaterThan(before - 10);
    expect(await deliverDue(delivery)).toBe(0);
  });
});

describe("Retry-After: 0", () => {
  test.each([429, 503] as const)("with %i shortens no wait", async (status) => {
    const shop = await storedShop(1);
    pinterest.fail({ kind: "status", status, retryAfter: 0 });
    for (let turn = 0; turn < 5; turn += 1) await deliverOnce(delivery);
    const { failures, rests_for: restsFor } = await account();
    expect(failures).toBe(5);
    expect(restsFor).toBeGreaterThan(15);
    const { rows } = await db.pool.query(
      "select extract(epoch from next_at - now())::float8 as waits from event where shop_id = $1",
      [shop.id],
    );
    if (status === 503) expect(rows[0].waits).toBeGreaterThan(1_000);
  });

  test("an event names its latest attempts alone", async () => {
    await storedShop(1);
    pinterest.fail({ kind: "status", status: 429 });
    for (let turn = 0; turn < 25; turn += 1) await deliverOnce(delivery);
    const { rows } = await db.pool.query(
      "select cardinality(attempt_ids) as n, attempt_ids[20] = (select max(id) from attempt) as is_last from event",
    );
    expect(rows).toEqual([{ n: 20, is_last: true }]);
  });
});

describe("a turn that can't succeed", () => {
  test("is released, and pauses the connection when it goes on for minutes", async () => {
    const shop = await storedShop(1);
    // From before ids were checked at every door.
    for (const table of ["event", "due_account", "connection"]) {
      await db.pool.query(`update ${table} set ad_account_id = '1234567890123456789'`);
    }
    for (let turn = 0; turn < 3; turn += 1) {
      await passTime(db, 120);
      expect(await deliverOnce(delivery)).toBe(1);
      const { rows } = await db.pool.query("select lease_until from due_account");
      expect(rows).toEqual([{ lease_until: null }]);
    }
    const { rows } = await db.pool.query(
      "select pause_reason, trouble_detail from connection where shop_id = $1",
      [shop.id],
    );
    expect(rows).toEqual([
      { pause_reason: "internal", trouble_detail: expect.stringContaining("1 to 18 digits") },
    ]);
    expect(await countStates(shop.id)).toEqual({ pending: 1 });
  });

  test("for one shop of an ad account stops no other", async () => {
    const adAccountId = "549799999998";
    const [one, other] = [
      await makeShop(services(), { adAccountId }),
      await makeShop(services(), { adAccountId }),
    ];
    for (const shop of [one, other]) await commitEvents(services(), shop, orders(1));
    await db.pool.query("update connection set token = '\\x00' where shop_id = $1", [one.id]);
    await deliverOnce(delivery);
    expect(await countStates(other.id)).toEqual({ accepted: 1 });
    expect(await countStates(one.id)).toEqual({ pending: 1 });
    const { rows } = await db.pool.query("select trouble from connection where shop_id = $1", [
      one.id,
    ]);
    expect(rows).toEqual([{ trouble: "internal" }]);
  });

  test("no door takes an ad account that Pinterest can't have", async () => {
    const { domain } = await makeShop(services(), { adAccountId: null });
    for (const adAccountId of ["1234567890123456789", "", "1/../2", "12a"]) {
      const connecting = connectAdAccount(services(), {
        domain,
        adAccountId,
        token: "pina_t",
        actor: "test",
      });
      await expect(connecting).rejects.toMatchObject({ code: "invalid_ad_account" });
    }
  });
});
