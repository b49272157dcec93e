import { afterAll, beforeAll, expect, test } from "vitest";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { commitGivenEvents } from "#app/outbox/append/commit-given-events.server.ts";
import { identityKey, readBodies, readStandings } from "#app/outbox/read-outcomes.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  makeShop,
  miscounts,
  purchase,
  readStates,
  skip,
  testKeyring,
} from "#test/support/outbox-fixture.ts";

const keyring = testKeyring();
let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** An event by hand with the content of a purchase; `key` is how it differs from others. */
function given(key: string, changes: Partial<MappedEvent> = {}): MappedEvent {
  const eventId = changes.eventId ?? key;
  const mapped = purchase(key, { idSource: "given", source: "task", ...changes, eventId });
  return { ...mapped, sourceKey: changes.sourceKey ?? `given:${eventId}` };
}

type Shop = Awaited<ReturnType<typeof makeShop>>;
const commit = (shop: Shop, events: MappedEvent[]) =>
  commitGivenEvents({ db, keyring }, { shop, actor: "test" }, events);

const dueOf = async ({ adAccountId }: Shop) =>
  (await db.pool.query("select fresh from due_account where ad_account_id = $1", [adAccountId]))
    .rows;

test("the same events given twice are stored once, and wake their ad account once", async () => {
  const shop = await makeShop({ db, keyring });
  await commit(shop, [given("a"), given("b")]);
  await commit(shop, [given("b"), given("a")]);
  expect(await readStates(db, shop.id)).toMatchObject([
    { event_id: "a", state: "pending" },
    { event_id: "b", state: "pending" },
  ]);
  expect(await dueOf(shop)).toEqual([{ fresh: 2 }]);
  expect(await miscounts(db)).toEqual([]);
});

test("the id that a shopper's browser gave to a purchase, given by hand, is that purchase", async () => {
  const shop = await makeShop({ db, keyring });
  const browserId = "sh-5c8b3a2e-5F1B";
  await commitEvents({ db, keyring }, shop, [purchase("77", { eventId: browserId })]);
  const [outcome] = await commit(shop, [given("x", { eventId: browserId, value: "1.00" })]);
  const stored = outcome?.mapped as MappedEvent;
  expect([stored.sourceKey, outcome?.isStored]).toEqual(["77", false]);
  expect(await readStates(db, shop.id)).toMatchObject([{ event_id: browserId }]);
  const [body] = (await readBodies({ db, keyring }, shop, [stored])).values();
  expect(body?.custom_data?.order_id).toBe("77");
});

test("a refused purchase that is given by its order's id keeps the id that its browser gave it", async () => {
  const shop = await makeShop({ db, keyring });
  const browserId = "sh-refused";
  await commitEvents({ db, keyring }, shop, [purchase("78", { eventId: browserId })]);
  for (const table of ["event", "count_bucket"]) {
    const text = `update ${table} set state = 'rejected' where shop_id = $1`;
    await db.pool.query(text, [shop.id.toString()]);
  }
  const own = { eventId: "order-78-checkout", sourceKey: "78" };
  const [outcome] = await commit(shop, [given("78", own)]);
  expect(outcome).toMatchObject({ mapped: { eventId: browserId }, isStored: true });
  expect(await readStates(db, shop.id)).toMatchObject([{ event_id: browserId, state: "pending" }]);
  const stored = outcome?.mapped as MappedEvent;
  const [body] = (await readBodies({ db, keyring }, shop, [stored])).values();
  expect(body?.event_id).toBe(browserId);
});

test("the same id under another event name is another event, and so is another shop's", async () => {
  const shop = await makeShop({ db, keyring });
  const other = await makeShop({ db, keyring });
  await commit(shop, [given("same"), given("same", { kind: "signup" })]);
  await commit(other, [given("same")]);
  expect(await readStates(db, shop.id)).toHaveLength(2);
  expect(await readStates(db, other.id)).toHaveLength(1);
});

test("an order that was kept back for want of a person is sent once one is given", async () => {
  const shop = await makeShop({ db, keyring });
  const bare = purchase("88", { outcome: skip("no_match_key") });
  await commitEvents({ db, keyring }, shop, [bare]);
  await commit(shop, [given("88", { eventId: bare.eventId, sourceKey: "88" })]);
  expect(await readStates(db, shop.id)).toMatchObject([
    { event_id: bare.eventId, state: "pending" },
  ]);
  expect(await dueOf(shop)).toEqual([{ fresh: 1 }]);
  expect(await miscounts(db)).toEqual([]);
});

test("an order that a setting keeps back stays back, whoever gives it", async () => {
  const shop = await makeShop({ db, keyring });
  const trial = purchase("89", { outcome: skip("test_order") });
  await commitEvents({ db, keyring }, shop, [trial]);
  const event = given("89", { eventId: trial.eventId, sourceKey: "89" });
  await commit(shop, [event]);
  const standings = await readStandings({ db }, shop, [event]);
  expect(standings.get(identityKey(event))).toMatchObject({
    state: "skipped",
    reason: "test_order",
  });
  expect(await readBodies({ db, keyring }, shop, [event])).toEqual(new Map());
});

test("the order's webhook after the event by hand adds nothing", async () => {
  const shop = await makeShop({ db, keyring });
  const order = purchase("90");
  await commit(shop, [given("90", { eventId: order.eventId, sourceKey: "90" })]);
  expect(await commitEvents({ db, keyring }, shop, [order])).toEqual(["duplicate"]);
  expect(await readStates(db, shop.id)).toHaveLength(1);
});

test("a paused connection keeps the events, and its ad account sleeps", async () => {
  const made = await makeShop({ db, keyring });
  const shop: Shop = { ...made, connection: { adAccountId: made.adAccountId, state: "paused" } };
  await commit(shop, [given("waits")]);
  expect(await readStates(db, shop.id)).toMatchObject([{ state: "pending" }]);
  expect(await dueOf(shop)).toEqual([]);
});

test("two calls with the same events at once store each once, and neither fails", async () => {
  const shop = await makeShop({ db, keyring });
  const events = Array.from({ length: 50 }, (_, index) => given(`e-${index}`));
  await Promise.all([commit(shop, events), commit(shop, [...events].reverse())]);
  expect(await readStates(db, shop.id)).toHaveLength(50);
  expect(await dueOf(shop)).toEqual([{ fresh: 50 }]);
  expect(await miscounts(db)).toEqual([]);
});

async function audited(shop: Shop): Promise<unknown[]> {
  const { rows } = await db.pool.query(
    "select actor, after from audit_entry where shop_id = $1 and action = 'events.send' order by id",
    [shop.id.toString()],
  );
  return rows;
}

test("what was given and stored is in the audit log, without a word of its content", async () => {
  const shop = await makeShop({ db, keyring });
  await commit(shop, [given("a"), given("b")]);
  await commit(shop, [given("b"), given("c")]);
  await commit(shop, [given("b"), given("c")]);
  expect(await audited(shop)).toEqual([
    { actor: "test", after: { given: 2, stored: 2 } },
    { actor: "test", after: { given: 2, stored: 1 } },
  ]);
});

test("the calls of an API key add up to one entry an hour, also when they come at once", async () => {
  const shop = await makeShop({ db, keyring });
  const byKey = (apiKeyId: bigint, events: MappedEvent[]) =>
    commitGivenEvents({ db, keyring }, { shop, actor: "api", apiKeyId }, events);
  await Promise.all(
    Array.from({ length: 8 }, (_, n) => byKey(7n, [given(`n-${n}`), given("one")])),
  );
  await byKey(7n, [given("one")]);
  await byKey(8n, [given("other")]);
  const [first, second] = await audited(shop);
  expect(first).toMatchObject({ actor: "api", after: { api_key: "7", stored: 9 } });
  expect(second).toEqual({ actor: "api", after: { api_key: "8", given: 1, stored: 1 } });
  await db.pool.query("update audit_entry set created_at = now() - interval '1 hour'");
  await byKey(7n, [given("later")]);
  expect(await audited(shop)).toHaveLength(3);
});

test("large events are stored a few at a time, and all of them", async () => {
  const shop = await makeShop({ db, keyring });
  const agent = "M".repeat(60_000);
  const events = Array.from({ length: 80 }, (_, n) => {
    const event = given(`large-${n}`);
    if (event.outcome.kind === "send") event.outcome.event.user_data.client_user_agent = agent;
    return event;
  });
  let transactions = 0;
  const counting: Pick<TestDatabase, "pool" | "transaction"> = {
    pool: db.pool,
    transaction(work, ...rest) {
      transactions += 1;
      return db.transaction(work, ...rest);
    },
  };
  await commitGivenEvents({ db: counting, keyring }, { shop, actor: "test" }, events);
  expect(transactions).toBe(5);
  expect(await readStates(db, shop.id)).toHaveLength(80);
});
