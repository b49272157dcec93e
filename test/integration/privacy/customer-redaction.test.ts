import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deriveEventId } from "#app/events/event-id.ts";
import { readRecordedOrders } from "#app/outbox/read-recorded-orders.server.ts";
import { redactPerson } from "#app/outbox/redact/redact-person.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  miscounts,
  purchase,
  readStates,
  skipWaiting,
} from "#test/support/outbox-fixture.ts";
import { watchLocks } from "../outbox/watch-locks.ts";
import {
  CANARIES,
  CUSTOMER,
  EMAIL,
  keyring,
  ORDER,
  OTHERS,
  openPrivacy,
  WAITING,
} from "./privacy-fixture.ts";

let db: TestDatabase;
let privacy: ReturnType<typeof openPrivacy>;

beforeAll(async () => {
  db = await openTestDatabase();
  privacy = openPrivacy(db);
});
afterAll(() => db.close());

describe("a customer's redaction", () => {
  test("leaves no row that leads to the customer, counts what went, and touches nobody else", async () => {
    const [shop, other] = [await privacy.newShop(), await privacy.newShop()];
    await privacy.fill(shop);
    await privacy.fill(other);
    expect(privacy.found(await privacy.rowsOf(shop))).toEqual(CANARIES);
    const neighbours = await privacy.rowsOf(other);
    const id = await privacy.redaction(shop);
    await privacy.act();
    expect(await privacy.requestRow(id)).toMatchObject({
      state: "done",
      is_done: true,
      has_no_body: true,
      removed: { events: 4, payloads: 4, visits: 3, receipts: 6, traces: 1 },
    });
    expect(privacy.found(await privacy.rowsOf(shop))).toEqual([]);
    expect(await privacy.rowsOf(other)).toBe(neighbours);
    const states = await readStates(db, shop.id);
    expect(states.map(({ state, reason }) => `${state} ${reason}`).sort()).toEqual([
      "accepted null",
      "accepted null",
      "accepted null",
      "accepted null",
      "skipped redacted",
    ]);
    expect(states.map(({ event_id: eventId }) => eventId)).toContain(
      deriveEventId("order", OTHERS ?? "", "checkout"),
    );
    expect(await privacy.countOf("event_payload", shop)).toBe(1);
    expect(await privacy.countOf("visit", shop)).toBe(1);
    expect(await miscounts(db)).toEqual([]);
  });

  test("holds when the order's webhook comes again, and the neighbour's still counts as known", async () => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    await privacy.redaction(shop);
    await privacy.act();
    const again = [purchase(ORDER), purchase(OTHERS), purchase("42")];
    const outcomes = await commitEvents({ db, keyring }, shop, again);
    expect(outcomes).toEqual(["duplicate", "duplicate", "stored"]);
    const recorded = await readRecordedOrders({ db }, shop, [ORDER ?? "", "43"]);
    expect([...recorded]).toEqual([ORDER]);
    expect(privacy.found(await privacy.rowsOf(shop))).toEqual([]);
    expect(await miscounts(db)).toEqual([]);
  });

  test("finds by email, phone and customer id what no order leads to, however many events the shop has", async () => {
    const shop = await privacy.newShop();
    const before = await privacy.leave(shop, [
      { kind: "initiate_checkout", sourceKey: "lefttoken0001", userData: { em: [EMAIL] } },
      { kind: "lead", sourceKey: "given:lead-canary-1", userData: { ph: ["4915123456789"] } },
      { kind: "checkout", sourceKey: "given:sale-canary-2", userData: { external_id: [CUSTOMER] } },
      { kind: "lead", sourceKey: "given:lead-of-another", userData: { em: ["eve@other.example"] } },
    ]);
    await privacy.addNewerEvents(shop, 5_100);
    const id = await privacy.redaction(shop);
    await privacy.leave(shop, [
      { kind: "lead", sourceKey: "given:lead-after-it", userData: { em: [EMAIL] } },
    ]);
    await privacy.act();
    expect(await privacy.requestRow(id)).toMatchObject({
      state: "done",
      removed: { events: 3, payloads: 3, visits: 1, receipts: 3 },
    });
    const rows = await privacy.rowsOf(shop);
    const named = ["lefttoken0001", "lead-canary-1", "sale-canary-2"];
    expect(named.filter((name) => rows.includes(name))).toEqual([]);
    expect(rows).toContain("lead-of-another");
    expect(rows).toContain("lead-after-it");
    expect(await privacy.countOf("event_payload", shop)).toBe(2);
    expect(await commitEvents({ db, keyring }, shop, before)).toEqual([
      "duplicate",
      "duplicate",
      "duplicate",
      "duplicate",
    ]);
    const after = await privacy.rowsOf(shop);
    expect(named.filter((name) => after.includes(name))).toEqual([]);
    expect(await miscounts(db, [shop.id])).toEqual([]);
  });

  test("finds what the customer's browsers told, and a data request leaves out whom else they name", async () => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    const [mine, phone] = ["client-1", "client-of-the-phone"];
    const seen = (sourceKey: string, kind: string, userData: Record<string, string[]>) => ({
      sourceKey,
      kind,
      userData,
    });
    await privacy.leave(shop, [
      seen("page:seen-by-1:7", "page_visit", { external_id: [mine] }),
      seen("browser:sh-cart-1", "add_to_cart", { external_id: [mine] }),
      // Signed in on a phone, and neither email nor phone number was given.
      seen("tokenofthephone", "initiate_checkout", { external_id: [CUSTOMER, phone] }),
      seen("page:seen-by-phone:7", "search", { external_id: [phone] }),
      seen("tokenofeve", "initiate_checkout", { em: ["eve@other.example"], external_id: [mine] }),
      seen("page:seen-by-others:7", "page_visit", { external_id: ["client-of-bob"] }),
    ]);
    const answer = await privacy.answerOf(shop);
    const sources = ["sh-cart-1", "seen-by-1", "tokenofthephone", "seen-by-phone"];
    for (const source of sources) expect(answer).toContain(source);
    expect(answer).not.toMatch(/tokenofeve|seen-by-others/);
    await privacy.redaction(shop);
    await privacy.act();
    const rows = await privacy.rowsOf(shop);
    const found = [...sources, "tokenofeve"].filter((source) => rows.includes(source));
    expect(found).toEqual([]);
    expect(rows).toContain("seen-by-others");
    // Another order's, and the page of another browser.
    expect(await privacy.countOf("event_payload", shop)).toBe(2);
    expect(await miscounts(db, [shop.id])).toEqual([]);
  });

  test("lets an event that is being sent be accepted, and keeps nothing of it", async () => {
    const shop = await privacy.newShop();
    await commitEvents({ db, keyring }, shop, [purchase(WAITING)]);
    await skipWaiting(db);
    const { due, settle } = await privacy.begin(shop);
    await privacy.redaction(shop);
    await privacy.act();
    expect(await readStates(db, shop.id)).toMatchObject([{ state: "skipped", reason: "redacted" }]);
    expect(await settle(due)).toMatchObject({ kind: "settled" });
    expect(await readStates(db, shop.id)).toMatchObject([{ state: "accepted" }]);
    expect(await privacy.countOf("event_payload", shop)).toBe(0);
    expect(await miscounts(db)).toEqual([]);
  });

  test("locks rows in the one order of all", async () => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    const [watched, locks] = watchLocks(db);
    const known = { customerId: null, orderIds: [ORDER ?? ""], traceKeys: [] };
    const person = { ...known, matchKeys: {}, hashBrowser: () => [], askedAt: new Date() };
    await redactPerson({ db: watched, keyring }, shop, person);
    expect(locks.inversions).toEqual([]);
    expect(locks.orders[0]).toEqual(["run", "event", "event_payload"]);
  });

  test("of a shop that is not known is done with nothing", async () => {
    const id = await privacy.redaction({ domain: "never-seen.myshopify.com" });
    await privacy.act();
    expect(await privacy.requestRow(id)).toMatchObject({
      state: "done",
      removed: {},
      has_no_body: true,
    });
  });
});

describe("a request that fails", () => {
  test("is tried again later, longer after each try, and holds up no other", async () => {
    const shop = await privacy.newShop();
    const id = await privacy.redaction(shop);
    await db.pool.query(
      "update compliance_request set body = body || '\\x00'::bytea where id = $1",
      [id.toString()],
    );
    const good = await privacy.receive(shop, "customers/redact", '{"customer":{"id":1}}');
    await privacy.act();
    expect(await privacy.requestRow(good)).toMatchObject({ state: "done" });
    const first = await privacy.requestRow(id);
    expect(first).toMatchObject({ state: "recorded", tries: 1, waits_for: "fault" });
    expect(first.seconds).toBeGreaterThan(50);
    await privacy.act();
    expect(await privacy.requestRow(id)).toMatchObject({ tries: 1 });
    await db.pool.query("update compliance_request set next_at = now(), tries = 30 where id = $1", [
      id.toString(),
    ]);
    await privacy.act().catch(() => {});
    const late = await privacy.requestRow(id);
    expect(late).toMatchObject({ state: "recorded", tries: 31, has_no_body: false });
    expect(late.seconds).toBeLessThanOrEqual(6 * 3_600);
    expect(late.seconds).toBeGreaterThan(5 * 3_600);
    await db.pool.query("delete from compliance_request where id = $1", [id.toString()]);
  });

  test("of a body that names another shop is never acted on", async () => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    const id = await privacy.redaction(shop);
    await db.pool.query("update compliance_request set state = 'disputed' where id = $1", [
      id.toString(),
    ]);
    await privacy.act();
    expect(await privacy.requestRow(id)).toMatchObject({
      state: "disputed",
      tries: 0,
      is_done: false,
    });
    expect(privacy.found(await privacy.rowsOf(shop))).toEqual(CANARIES);
  });
});
