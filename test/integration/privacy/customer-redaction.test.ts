import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deriveEventId } from "#app/events/event-id.ts";
import { visitKey } from "#app/events/visit.ts";
import { readRecordedOrders } from "#app/outbox/read-recorded-orders.server.ts";
import { collectPerson } from "#app/outbox/redact/collect-person.server.ts";
import { redactPerson } from "#app/outbox/redact/redact-person.server.ts";
import { toPerson } from "#app/privacy/privacy-request.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  miscounts,
  purchase,
  readStates,
  skipWaiting,
} from "#test/support/outbox-fixture.ts";
import { seedVisit } from "#test/support/visit-fixture.ts";
import { watchLocks } from "../outbox/watch-locks.ts";
import {
  CANARIES,
  CART,
  CUSTOMER,
  EMAIL,
  keyring,
  ORDER,
  OTHERS,
  openPrivacy,
  PHONE,
  WAITING,
} from "./privacy-fixture.ts";

/** A browser of the customer, by the visits of their order. */
const MINE = "client-1";
const DIGITS_OF_PHONE = "4915123456789";
const BOB = "9990000000001";

const seen = (sourceKey: string, kind: string, userData: Record<string, string[]>) => ({
  sourceKey,
  kind,
  userData,
});

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

  test("finds payloads from before the rule by which the email is read now", async () => {
    const shop = await privacy.newShop();
    const emails = ["noreply@ada.example", "ada@ca\u2010nary.example"];
    await privacy.leave(
      shop,
      emails.map((email, place) => seen(`given:old-${place}`, "lead", { em: [email] })),
    );
    for (const email of emails) {
      const person = personOf(shop, ` ${email.toUpperCase()}`);
      expect(await redactPerson({ db, keyring }, shop, person)).toMatchObject({ payloads: 1 });
    }
  });

  test("finds what the customer's browsers told, and a data request leaves out whom else they name", async () => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    const [mine, phone] = [MINE, "client-of-the-phone"];
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

  test.each([
    ["phone", { ph: [DIGITS_OF_PHONE] }],
    ["email", { em: [EMAIL] }],
  ])("leads to nobody else whose checkout bears the customer's %s", async (_what, bears) => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    const theirs = "client-of-bob";
    await privacy.leave(shop, [
      seen("page:seen-by-bob:7", "page_visit", { external_id: [theirs] }),
      seen("tokenofbob", "initiate_checkout", { ...bears, external_id: [BOB, theirs] }),
      seen("tokenofbob2", "initiate_checkout", { external_id: [BOB] }),
      seen("tokenofbob3", "initiate_checkout", { ...bears, external_id: [BOB] }),
      seen("tokenofguest", "initiate_checkout", { ph: [DIGITS_OF_PHONE], external_id: ["guest"] }),
      seen("page:seen-by-guest:7", "page_visit", { external_id: ["guest"] }),
    ]);
    expect(await privacy.answerOf(shop)).not.toMatch(/tokenof|seen-by|client-of-bob/);
    await privacy.redaction(shop);
    await privacy.act();
    const rows = await privacy.rowsOf(shop);
    for (const kept of ["seen-by-bob", "seen-by-guest", "tokenofbob2-initiate"])
      expect(rows).toContain(kept);
    expect(rows).not.toMatch(/tokenof(bob3?|guest)-initiate/);
    expect(privacy.found(rows)).toEqual([]);
  });

  test.each([
    ["has no customer's id", `{"email":"${EMAIL}"}`, "[]"],
    ["has an order from before two customers were merged", undefined, `[${ORDER}]`],
  ])("leads to the customer's browsers where the request %s", async (_what, named, orders) => {
    const shop = await privacy.newShop();
    await privacy.leave(shop, [
      seen("tokenofmine", "initiate_checkout", { em: [EMAIL], external_id: [BOB, MINE] }),
      seen("page:seen-by-me:7", "page_visit", { external_id: [MINE] }),
      seen(ORDER ?? "", "checkout", { external_id: [BOB] }),
    ]);
    const change = "update event set order_id = $2 where shop_id = $1 and kind = 'checkout'";
    await db.pool.query(change, [shop.id.toString(), ORDER]);
    const customer = named ?? `{"id":${CUSTOMER},"email":"${EMAIL}"}`;
    const body = `{"shop_domain":"${shop.domain}","customer":${customer},"orders_to_redact":${orders}}`;
    await privacy.receive(shop, "customers/redact", body);
    await privacy.act();
    expect(await privacy.rowsOf(shop)).not.toMatch(/tokenofmine|seen-by-me/);
  });

  test("is whole after a process that died after each of its writes", async () => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    const [phone, ofCart] = ["client-of-the-phone", "client-of-the-cart"];
    const left = [
      seen("page:seen-by-1:7", "page_visit", { external_id: [MINE] }),
      seen("tokenofmine", "initiate_checkout", { external_id: [MINE] }),
      seen("tokenofphone", "initiate_checkout", { em: [EMAIL], external_id: [phone] }),
      seen("tokenofphone", "add_payment_info", { external_id: [phone] }),
      seen("tokenofphone", "lead", { ph: ["4917000000000"] }),
      seen("page:seen-by-phone:7", "page_visit", { external_id: [phone] }),
      seen("page:seen-by-phone:8", "search", { external_id: [phone] }),
      seen("page:seen-by-cart:7", "page_visit", { external_id: [ofCart] }),
    ];
    await privacy.leave(shop, left);
    // The cart of the order, too.
    const visits = { checkout: "tokenofmine", cart: CART };
    for (const [kind, token] of Object.entries(visits) as ["checkout" | "cart", string][]) {
      const evidence = { clientId: kind === "cart" ? ofCart : MINE };
      const key = visitKey(kind, token);
      await seedVisit({ db, keyring }, { shopId: shop.id, key }, { evidence, cartToken: CART });
    }
    expect(await redactByDying(shop)).toBeGreaterThan(9);
    const rows = await privacy.rowsOf(shop);
    expect(left.filter(({ sourceKey }) => rows.includes(sourceKey))).toEqual([]);
    expect(privacy.found(rows)).toEqual([]);
    expect(await privacy.countOf("event_payload", shop)).toBe(1);
    expect(await privacy.countOf("visit", shop)).toBe(1);
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
    const person = { ...known, matchKeys: {}, hashId: () => [], askedAt: new Date() };
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

/** Redacts the customer in steps: each process ends after its first write. Returns how many it took. */
async function redactByDying(shop: Awaited<ReturnType<typeof privacy.newShop>>): Promise<number> {
  const person = personOf(shop);
  for (let deaths = 0; ; deaths += 1) {
    let isDead = false;
    const live = async <T>(work: () => Promise<T>, hasWritten: (result: T) => boolean) => {
      if (isDead) throw new Error("died");
      const result = await work();
      isDead = hasWritten(result);
      return result;
    };
    const query = (text: string, values: unknown[]) =>
      live(
        () => db.pool.query(text, values),
        ({ rowCount, command }) => command !== "SELECT" && command !== "INSERT" && rowCount !== 0,
      );
    const transaction = (work: Parameters<typeof db.transaction>[0]) =>
      live(
        () => db.transaction(work),
        (page) => (page as { events: number }).events > 0,
      );
    const dying = { pool: { query }, transaction } as unknown as TestDatabase;
    const error = await redactPerson({ db: dying, keyring }, shop, person, {
      pageSize: 1,
      ordersAtOnce: 1,
    }).then(
      () => null,
      (reason: Error) => reason,
    );
    if (error === null) return deaths;
    expect(error.message).toBe("died");
  }
}

function personOf(shop: { domain: string }, email = EMAIL) {
  return toPerson(
    { shop_domain: shop.domain, received_at: new Date() },
    { customerId: CUSTOMER, email, phone: PHONE, orderIds: [ORDER, WAITING] },
  );
}

describe("a request for a customer's data", () => {
  test("leaves out who else uses the customer's browser, and has their own checkout with a phone alone", async () => {
    const shop = await privacy.newShop();
    await privacy.fill(shop);
    await privacy.leave(shop, [
      seen("tokenofeve", "add_payment_info", { external_id: [MINE] }),
      seen("tokenofeve", "initiate_checkout", { em: ["eve@other.example"] }),
      seen("tokenofbob", "initiate_checkout", { external_id: [BOB, MINE] }),
      seen("tokenofmine", "initiate_checkout", { ph: [DIGITS_OF_PHONE], external_id: [MINE] }),
    ]);
    const answer = await privacy.answerOf(shop);
    expect(answer).not.toMatch(/tokenofeve-initiate_checkout|tokenofbob/);
    expect(answer).toContain("tokenofeve-add_payment_info");
    expect(answer).toContain("tokenofmine");
  });

  test("keeps the orders and then the newest where there is too much, and says so", async () => {
    const shop = await privacy.newShop();
    await privacy.leave(shop, [seen("page:older:7", "page_visit", { external_id: [MINE] })]);
    await privacy.fill(shop);
    await privacy.leave(shop, [seen("page:newest:7", "page_visit", { external_id: [MINE] })]);
    const collected = await collectPerson({ pool: db.pool, keyring }, shop, personOf(shop), 3);
    expect(collected.cutAt).toBe(3);
    const ids = collected.events.map(({ id }) => id);
    expect(ids).toEqual([...[ORDER, WAITING].map(orderEvent), "page:newest:7-page_visit"]);
    expect(await privacy.answerOf(shop)).not.toContain("incomplete");
    const large = await privacy.newShop();
    await privacy.addNewerEvents(large, 5_001);
    const change = "update event set order_id = $2 where shop_id = $1";
    await db.pool.query(change, [large.id.toString(), ORDER]);
    expect(JSON.parse(await privacy.answerOf(large))).toMatchObject({
      incomplete: expect.stringContaining("more than 5000 events"),
    });
  });
});

function orderEvent(id = ""): string {
  return deriveEventId("order", id, "checkout");
}

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
