import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import type { LocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { deliverDue, deliverOnce, openDelivery, passTime } from "#test/support/delivery-fixture.ts";
import { openDeliveryWorld } from "#test/support/delivery-world.ts";
import { commitEvents, makeShop, purchase, readStates } from "#test/support/outbox-fixture.ts";

const { db, services, renew } = await openDeliveryWorld({ timeoutMs: 300 });
let pinterest: LocalPinterest;
let delivery: ReturnType<typeof openDelivery>;

beforeEach(async () => {
  ({ pinterest, delivery } = await renew());
});
afterEach(() => {
  expect(pinterest.ledger.violations).toEqual([]);
});

function orders(count: number, from = 1): ReturnType<typeof purchase>[] {
  return Array.from({ length: count }, (_, n) => purchase(String(from + n)));
}

async function storedShop(count: number, from = 1) {
  const shop = await makeShop(services());
  await commitEvents(services(), shop, orders(count, from));
  return shop;
}

describe("a batch", () => {
  test("of up to 1,000 events goes in one request and each is accepted once", async () => {
    const shop = await storedShop(1_000);
    await deliverOnce(delivery);
    expect(pinterest.ledger.requests).toHaveLength(1);
    expect(pinterest.ledger.acceptedCount).toBe(1_000);
    const states = await readStates(db, shop.id);
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(["accepted"]));
    expect(await deliverOnce(delivery)).toBe(0);
    expect(pinterest.ledger.requests).toHaveLength(1);
  });

  test("with one poison event costs at most 21 requests, and the 999 others arrive", async () => {
    const shop = await storedShop(1_000);
    pinterest.fail({ kind: "poison", eventId: "order-437-checkout" });
    await deliverOnce(delivery);
    expect(pinterest.ledger.requests.length).toBeLessThanOrEqual(21);
    expect(pinterest.ledger.acceptedCount).toBe(999);
    expect(pinterest.ledger.duplicates).toBe(0);
    const rejected = (await readStates(db, shop.id)).filter(({ state }) => state === "rejected");
    expect(rejected.map(({ event_id }) => event_id)).toEqual(["order-437-checkout"]);
    expect(rejected[0]?.reason).toBeTruthy();
  });

  test("with one event that Pinterest fails is accepted but for that one", async () => {
    const shop = await storedShop(5);
    const fault = { kind: "poison", eventId: "order-3-checkout", as: "fail_event" } as const;
    pinterest.fail({ ...fault, message: "value is not a number" });
    await deliverOnce(delivery);
    const states = await readStates(db, shop.id);
    expect(states.map(({ state }) => state)).toEqual([
      "accepted",
      "accepted",
      "rejected",
      "accepted",
      "accepted",
    ]);
    expect(states[2]?.reason).toContain("value is not a number");
  });

  test("leaves out an event that no request has room for, unread, and says why", async () => {
    const shop = await storedShop(3);
    await db.pool.query(
      `update event_payload set body = decode(repeat('00', 2 * 1024 * 1024 + 1), 'hex')
        where event_ref = (select id from event where order_id = '2')`,
    );
    await deliverOnce(delivery);
    expect(pinterest.ledger.acceptedCount).toBe(2);
    const [, second] = await readStates(db, shop.id);
    expect(second).toMatchObject({
      state: "rejected",
      reason: "Not sent: the event is larger than 2 MB.",
    });
  });

  test("keeps Pinterest's note on an accepted event", async () => {
    const shop = await storedShop(1);
    const fault = { kind: "poison", eventId: "order-1-checkout", as: "warn_event" } as const;
    pinterest.fail({ ...fault, message: "fields are not standard" });
    await deliverOnce(delivery);
    const { rows } = await db.pool.query("select state, warning from event where shop_id = $1", [
      shop.id,
    ]);
    expect(rows).toEqual([{ state: "accepted", warning: expect.stringContaining("not standard") }]);
  });
});

describe("an answer that is lost or makes no sense", () => {
  test.each([
    { kind: "hang", recorded: true },
    { kind: "hang", recorded: false },
    { kind: "reset", recorded: true },
    { kind: "reset", recorded: false },
    { kind: "drip", everyMs: 50 },
    { kind: "cut" },
    { kind: "malformed" },
    { kind: "truncated" },
    { kind: "wrong_length" },
    { kind: "huge" },
    { kind: "status", status: 500 },
    { kind: "status", status: 502, recorded: true },
    { kind: "status", status: 503 },
  ] as const)("$kind $status $recorded: all are sent again under the same ids", async (fault) => {
    const shop = await storedShop(3);
    pinterest.fail({ ...fault, times: 1 });
    await deliverOnce(delivery);
    const waiting = await readStates(db, shop.id);
    expect(waiting.map(({ state, attempts }) => [state, attempts])).toEqual([
      ["pending", 1],
      ["pending", 1],
      ["pending", 1],
    ]);
    expect(await deliverDue(delivery)).toBe(0);
    await deliverOnce(delivery);
    expect((await readStates(db, shop.id)).map(({ state }) => state)).toEqual(
      Array(3).fill("accepted"),
    );
    expect(pinterest.ledger.acceptedCount).toBe(3);
  });

  test("an attempt says what happened, without the token", async () => {
    const shop = await storedShop(1);
    pinterest.fail({ kind: "status", status: 500, times: 1 });
    await deliverOnce(delivery);
    await deliverOnce(delivery);
    const { rows } = await db.pool.query(
      "select outcome, http_status, events, message from attempt where shop_id = $1 order by id",
      [shop.id],
    );
    expect(rows).toMatchObject([
      { outcome: "unknown", http_status: 500, events: 1 },
      { outcome: "outcomes", http_status: 200, events: 1 },
    ]);
    expect(JSON.stringify(rows)).not.toContain("pina_");
    const { rows: events } = await db.pool.query("select attempt_ids from event");
    expect(events[0].attempt_ids).toHaveLength(2);
  });
});

describe("an account that Pinterest turns away", () => {
  test.each([
    [401, "unauthorized"],
    [403, "forbidden"],
  ] as const)(
    "status %i, said for two minutes, pauses that connection alone and keeps its events",
    async (status, reason) => {
      const [shop, other] = [await storedShop(2), await storedShop(2, 100)];
      pinterest.fail({ kind: "status", status, adAccountId: shop.adAccountId });
      for (let turn = 0; turn < 3; turn += 1) {
        await deliverOnce(delivery);
        await passTime(db, 60);
      }
      const { rows } = await db.pool.query(
        "select state, pause_reason from connection where shop_id = $1",
        [shop.id],
      );
      expect(rows).toEqual([{ state: "paused", pause_reason: reason }]);
      expect(await readStates(db, shop.id)).toMatchObject([
        { state: "pending", attempts: 0 },
        { state: "pending", attempts: 0 },
      ]);
      expect((await readStates(db, other.id)).map(({ state }) => state)).toEqual([
        "accepted",
        "accepted",
      ]);
      const before = pinterest.ledger.requests.length;
      await commitEvents(services(), shop, orders(1, 500));
      await deliverOnce(delivery);
      expect(pinterest.ledger.requests).toHaveLength(before);
    },
  );

  test("429 stops that account until Retry-After, and no other", async () => {
    const [shop, other] = [await storedShop(1), await storedShop(1, 100)];
    pinterest.fail({ kind: "status", status: 429, retryAfter: 120, adAccountId: shop.adAccountId });
    await deliverOnce(delivery);
    expect((await readStates(db, other.id))[0]).toMatchObject({ state: "accepted" });
    expect((await readStates(db, shop.id))[0]).toMatchObject({ state: "pending", attempts: 0 });
    await commitEvents(services(), shop, orders(1, 500));
    await db.pool.query("update event set next_at = now() where state = 'pending'");
    await db.pool.query("update due_account set next_at = now()");
    expect(await deliverDue(delivery)).toBe(1);
    expect(
      pinterest.ledger.requests.filter(({ adAccountId }) => adAccountId === shop.adAccountId),
    ).toHaveLength(1);
    const { rows } = await db.pool.query(
      "select extract(epoch from not_before - now()) as seconds from due_account where ad_account_id = $1",
      [shop.adAccountId],
    );
    expect(Number(rows[0].seconds)).toBeGreaterThan(110);
  });

  test("after three failures in a row the account is left alone for a while", async () => {
    const shop = await storedShop(1);
    pinterest.fail({ kind: "status", status: 503, adAccountId: shop.adAccountId });
    for (let turn = 0; turn < 3; turn += 1) await deliverOnce(delivery);
    const { rows } = await db.pool.query(
      "select failures, not_before > now() as waits from due_account",
    );
    expect(rows).toEqual([{ failures: 3, waits: true }]);
    pinterest.heal();
    await deliverOnce(delivery);
    const { rows: healed } = await db.pool.query("select failures from due_account");
    expect(healed).toEqual([{ failures: 0 }]);
  });
});

describe("two shops", () => {
  test("that share an ad account send with their own tokens, in requests of their own", async () => {
    const adAccountId = "549799999999";
    const first = await makeShop(services(), { adAccountId, token: "pina_first_shop" });
    const second = await makeShop(services(), { adAccountId, token: "pina_second_shop" });
    await commitEvents(services(), first, orders(2));
    await commitEvents(services(), second, orders(2, 100));
    await deliverOnce(delivery);
    const sent = pinterest.ledger.requests.map(({ token, ids }) => [token, [...ids].sort()]);
    expect(sent.sort()).toEqual([
      ["pina_first_shop", ["order-1-checkout", "order-2-checkout"]],
      ["pina_second_shop", ["order-100-checkout", "order-101-checkout"]],
    ]);
  });

  test("a payload moved to another shop's event is not sent", async () => {
    const [first, second] = [await storedShop(1), await storedShop(1, 100)];
    await db.pool.query(
      `update event_payload set body = (select body from event_payload where shop_id = $1)
        where shop_id = $2`,
      [first.id, second.id],
    );
    await deliverOnce(delivery);
    expect(pinterest.ledger.acceptedCount).toBe(1);
    expect((await readStates(db, second.id))[0]).toMatchObject({ state: "pending" });
  });
});

describe("a connection made by signing in", () => {
  test("whose token has run out is refreshed once, and its events go out under the new one", async () => {
    const redirectUri = "https://app.example/pinterest/callback";
    const signedIn = openDelivery({
      ...services(),
      pinterestUrl: pinterest.url,
      oauthClient: pinterest.oauthClient,
    });
    const { pinterest: client } = signedIn;
    const tokens = await client.exchangeOAuthCode({
      code: pinterest.issueCode(redirectUri),
      redirectUri,
    });
    if (!tokens.ok || tokens.value.refreshToken === null) throw new Error("not signed in");
    const shop = await makeShop(services());
    const { accessToken: token, refreshToken } = tokens.value;
    const { domain, adAccountId } = shop;
    const connection = { domain, adAccountId, token, refreshToken, actor: "test" };
    await connectAdAccount(services(), connection);
    pinterest.directory.revokeToken(token);
    await commitEvents(services(), shop, orders(2));
    await deliverOnce(signedIn);
    expect((await readStates(db, shop.id)).map(({ state }) => state)).toEqual([
      "accepted",
      "accepted",
    ]);
    expect(pinterest.ledger.requests.map(({ status }) => status)).toEqual([401, 200]);
    await signedIn.close();
  });
});
