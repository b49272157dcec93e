import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deleteShopRows } from "#app/outbox/redact/delete-shop-rows.server.ts";
import { answerIdentity } from "#app/privacy/privacy-request.server.ts";
import { keepNoLonger } from "#app/privacy/schedule-privacy.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { miscounts } from "#test/support/outbox-fixture.ts";
import { watchLocks } from "../outbox/watch-locks.ts";
import { CUSTOMER, EMAIL, keyring, ORDER, OTHERS, openPrivacy, PHONE } from "./privacy-fixture.ts";

let db: TestDatabase;
let privacy: ReturnType<typeof openPrivacy>;

beforeAll(async () => {
  db = await openTestDatabase();
  privacy = openPrivacy(db);
});
afterAll(() => db.close());

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
const shopRedaction = (shop: { domain: string }, at: Date) =>
  privacy.receive(shop, "shop/redact", `{"shop_domain":"${shop.domain}"}`, at);
const uninstall = (shop: { domain: string }) =>
  uninstallShop({ db }, { domain: shop.domain, triggeredAt: inHours(1) });

describe("a shop's redaction", () => {
  test("removes every row of the shop, and of no other", async () => {
    const [shop, other] = [await privacy.newShop(), await privacy.newShop()];
    await privacy.fill(shop);
    await privacy.fill(other);
    const neighbours = await privacy.rowsOf(other);
    await uninstall(shop);
    const id = await shopRedaction(shop, inHours(49));
    await privacy.act();
    expect(await privacy.requestRow(id)).toMatchObject({
      state: "done",
      removed: { events: 5, payloads: 5, visits: 4, receipts: 7, attempts: 1 },
    });
    const left = (await privacy.rowsOf(shop)).split("\n");
    expect(left).toHaveLength(1);
    expect(left[0]).toContain("shop/redact");
    const { rowCount } = await db.pool.query("select from shop where id = $1", [shop.id]);
    expect(rowCount).toBe(0);
    const due = await db.pool.query("select from due_account where ad_account_id = $1", [
      shop.adAccountId,
    ]);
    expect(due.rowCount).toBe(0);
    expect(await privacy.rowsOf(other)).toBe(neighbours);
    expect(await miscounts(db)).toEqual([]);
  });

  test("locks rows in the one order of all", async () => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    await uninstall(shop);
    const [watched, locks] = watchLocks(db);
    await deleteShopRows({ db: watched }, shop.id);
    expect(locks.inversions).toEqual([]);
    expect(locks.orders[0]).toEqual(["event", "event_payload", "count_bucket"]);
  });

  test("that is older than the newest install ends nothing", async () => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    const id = await shopRedaction(shop, inHours(-1));
    await privacy.act();
    expect(await privacy.requestRow(id)).toMatchObject({ state: "needless", has_no_body: true });
    await uninstall(shop);
    const late = await shopRedaction(shop, inHours(-1));
    await privacy.act();
    expect(await privacy.requestRow(late)).toMatchObject({ state: "needless" });
    expect(await privacy.countOf("event", shop)).toBe(5);
  });

  test("of a shop whose uninstall has not come waits for it, and needs nothing if the shop is back", async () => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    const id = await shopRedaction(shop, inHours(49));
    await privacy.act();
    expect(await privacy.requestRow(id)).toMatchObject({
      state: "recorded",
      waits_for: "installed",
    });
    expect(await privacy.countOf("event", shop)).toBe(5);
    await installShop({ db }, { domain: shop.domain, at: inHours(50) });
    await db.pool.query("update compliance_request set next_at = now() where id = $1", [
      id.toString(),
    ]);
    await privacy.act();
    expect(await privacy.requestRow(id)).toMatchObject({ state: "needless" });
  });
});

test("a customer's data is collected for the merchant, encrypted, and without anybody else's", async () => {
  const shop = await privacy.newShop();
  await privacy.fill(shop);
  await privacy.leave(shop, [
    { kind: "lead", sourceKey: "given:by-hand-with-email", userData: { em: [EMAIL] } },
    { kind: "lead", sourceKey: "given:by-hand-with-phone", userData: { ph: ["4915123456789"] } },
  ]);
  const id = await privacy.receive(
    shop,
    "customers/data_request",
    `{"shop_domain":"${shop.domain}","customer":{"id":${CUSTOMER},"email":"${EMAIL}","phone":"${PHONE}"},"orders_requested":[${ORDER}],"data_request":{"id":9999}}`,
  );
  await privacy.act();
  const row = await privacy.requestRow(id);
  expect(row).toMatchObject({
    state: "done",
    has_no_body: true,
    removed: { events: 4, visits: 3 },
  });
  const sealed = await keyring.decrypt(db.pool, row.answer, answerIdentity(shop.domain, id));
  const text = sealed.toString("utf8");
  const answer = JSON.parse(text);
  expect(answer.events.map(({ name }: { name: string }) => name).sort()).toEqual([
    "checkout",
    "initiate_checkout",
    "lead",
    "signup",
  ]);
  expect(text).toContain("by-hand-with-email");
  // The customer may have entered the number of another.
  expect(text).not.toContain("by-hand-with-phone");
  const order = answer.events.find(({ order }: { order: string }) => order === ORDER);
  expect(order).toMatchObject({
    state: "accepted",
    sent_to_pinterest: { custom_data: { value: "72.39", order_id: ORDER } },
    requests: [{ outcome: "outcomes", httpStatus: 200, answer: { status: "processed" } }],
  });
  expect(answer.visits[0]).toMatchObject({ evidence: { ip: "203.0.113.7" } });
  expect(text).not.toContain(OTHERS);
});

test("answers, disputed bodies, old records and what a gone shop could be entered with have their time", async () => {
  const shop = await privacy.newShop();
  await db.pool.query("delete from compliance_request");
  const ids = [
    await privacy.redaction(shop),
    await privacy.redaction(shop),
    await privacy.redaction(shop),
  ];
  const set = (id: bigint | undefined, change: string) =>
    db.pool.query(`update compliance_request set ${change} where id = $1`, [String(id)]);
  await set(ids[0], "state = 'done', answer = 'x', done_at = now() - interval '31 days'");
  await set(ids[1], "state = 'disputed', received_at = now() - interval '31 days'");
  await set(ids[2], "state = 'done', received_at = now() - interval '731 days'");
  await db.pool.query("insert into shop_api_key (shop_id, key_hash) values ($1, 'h')", [shop.id]);
  await uninstall(shop);
  await keepNoLonger({ db });
  expect(await privacy.countOf("connection", shop)).toBe(1);
  await db.pool.query(
    "update shop set uninstalled_at = now() - interval '49 hours', callback_secret = 'x' where id = $1",
    [shop.id],
  );
  expect(await keepNoLonger({ db })).toEqual({ shops: 1 });
  expect(await keepNoLonger({ db })).toEqual({ shops: 0 });
  expect([
    await privacy.countOf("connection", shop),
    await privacy.countOf("shop_api_key", shop),
  ]).toEqual([0, 0]);
  expect(await privacy.requestRow(ids[0] ?? 0n)).toMatchObject({ state: "done", answer: null });
  expect(await privacy.requestRow(ids[1] ?? 0n)).toMatchObject({
    state: "disputed",
    has_no_body: true,
  });
  expect(await privacy.requestRow(ids[2] ?? 0n)).toBeUndefined();
});
