import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from "vitest";
import { deliverAccount } from "#app/delivery/deliver-account.server.ts";
import { retestConnections } from "#app/delivery/retest-connections.server.ts";
import { claimAccounts } from "#app/outbox/drain/claim-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { deliverOnce, openDelivery, passTime } from "#test/support/delivery-fixture.ts";
import {
  commitEvents,
  makeShop,
  miscounts,
  purchase,
  readStates,
  skipWaiting,
  testKeyring,
} from "#test/support/outbox-fixture.ts";

type Shop = Awaited<ReturnType<typeof makeShop>>;

/**
 * Ad accounts that hear a wave of refusals. With as many as a large installation has:
 * WAVE_ACCOUNTS=1000 npx vitest run --project integration test/integration/delivery/believing.test.ts
 */
const WAVE_ACCOUNTS = Number(process.env.WAVE_ACCOUNTS ?? 60);

/** What Pinterest, or whoever answers in its place, says now. Null: it takes everything. */
interface Refusal {
  status: number;
  type: "text/html" | "application/json";
  body: string;
}

let db: Database;
let refusal: Refusal | null;
let requests: { adAccountId: string; isTest: boolean }[];
let delivery: ReturnType<typeof openDelivery>;
const keyring = testKeyring();
const services = () => ({ db, keyring });
/** Those that hear the refusal; all when empty. */
const refused = new Set<string>();

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.pool.query("truncate event, event_payload, due_account, count_bucket, receipt, attempt");
  await db.pool.query("delete from connection");
  [refusal, requests] = [null, []];
  refused.clear();
  const url = await startPinterest();
  delivery = openDelivery({ db, keyring, pinterestUrl: url });
  onTestFinished(() => delivery.close());
});
afterEach(async () => {
  vi.useRealTimers();
  expect(await miscounts(db)).toEqual([]);
});

async function startPinterest(): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const adAccountId = request.url?.split("/")[3] ?? "";
    requests.push({ adAccountId, isTest: request.url?.endsWith("?test=true") ?? false });
    if (refusal !== null && (refused.size === 0 || refused.has(adAccountId))) {
      response.writeHead(refusal.status, { "content-type": refusal.type }).end(refusal.body);
      return;
    }
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: unknown[] };
    const events = data.map(() => ({ status: "processed" }));
    const counts = { num_events_received: data.length, num_events_processed: data.length };
    response.writeHead(200).end(JSON.stringify({ ...counts, events }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v5`;
}

const json = (status: number, code: number): Refusal => ({
  status,
  type: "application/json",
  body: JSON.stringify({ code, message: "no" }),
});
const page = (status: number): Refusal => ({
  status,
  type: "text/html",
  body: "<html><h1>Forbidden</h1></html>",
});

async function shopsWithOrder(count: number): Promise<Shop[]> {
  const shops: Shop[] = [];
  for (let n = 0; n < count; n += 1) {
    const shop = await makeShop(services());
    await commitEvents(services(), shop, [purchase(`${n}`)]);
    shops.push(shop);
  }
  return shops;
}

async function connections(): Promise<Record<string, number>> {
  const { rows } = await db.pool.query<{ key: string; n: number }>(
    "select concat_ws(' ', state, pause_reason) as key, count(*)::integer as n from connection group by 1",
  );
  return Object.fromEntries(rows.map(({ key, n }) => [key, n]));
}

async function accepted(): Promise<number> {
  const { rows } = await db.pool.query("select from event where state = 'accepted'");
  return rows.length;
}

/** Lets time go by, and accounts have their turns as the loop would give them. */
async function live(seconds: number, until = async () => false): Promise<number> {
  const step = 5;
  for (let at = 0; at < seconds; at += step) {
    if (await until()) return at;
    await passTime(db, step);
    vi.setSystemTime(Date.now() + step * 1_000);
    for (;;) {
      const state = delivery.breaker.state();
      if (state === "open") break;
      const leases = await claimAccounts(services(), state === "probe" ? 1 : 16);
      if (leases.length === 0) break;
      await Promise.all(leases.map((lease) => deliverAccount(delivery, lease)));
    }
  }
  return seconds;
}

describe("a wave of refusals of one minute", () => {
  test.each([
    ["HTML 403", page(403)],
    ["JSON 401", json(401, 2)],
    ["JSON 403", json(403, 29)],
    ["JSON 404", json(404, 50)],
    ["empty 401", { ...page(401), body: "" }],
    ["JSON 403 of a gateway", { ...json(403, 0), body: '{"message":"Forbidden"}' }],
  ])("%s pauses nobody, and all events go out within 5 minutes after it", async (_, said) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await shopsWithOrder(WAVE_ACCOUNTS);
    refusal = said;
    await live(60);
    const heard = requests.length;
    refusal = null;
    const took = await live(300, async () => (await accepted()) === WAVE_ACCOUNTS);
    console.log(
      `${_}, ${WAVE_ACCOUNTS} accounts: ${heard} requests, all delivered ${took} s after`,
    );
    expect(await connections()).toEqual({ active: WAVE_ACCOUNTS });
    expect(await accepted()).toBe(WAVE_ACCOUNTS);
  });

  test("a longer one pauses nobody either, while all hear it", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await shopsWithOrder(20);
    refusal = json(403, 29);
    await live(900);
    expect(await connections()).toEqual({ active: 20 });
    refusal = null;
    await live(300);
    expect(await accepted()).toBe(20);
  });
});

describe("what is said of a few ad accounts", () => {
  test("is believed after three times and a minute and a half, and of them alone", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const [shop, ...others] = await shopsWithOrder(3);
    refusal = json(403, 29);
    refused.add(shop?.adAccountId ?? "");
    await live(85);
    expect(await connections()).toEqual({ active: 3 });
    await live(120);
    expect(await connections()).toEqual({ active: 2, "paused forbidden": 1 });
    expect(await accepted()).toBe(others.length);
    expect(requests.filter(({ adAccountId }) => adAccountId === shop?.adAccountId)).toHaveLength(3);
  });

  test("is forgotten with the first event that is accepted", async () => {
    const [shop] = await shopsWithOrder(1);
    for (let round = 0; round < 4; round += 1) {
      refusal = json(401, 2);
      await deliverOnce(delivery);
      refusal = null;
      await passTime(db, 120);
      await deliverOnce(delivery);
      await commitEvents(services(), shop as Shop, [purchase(`again-${round}`)]);
    }
    expect(await connections()).toEqual({ active: 1 });
  });

  test("a page that is not Pinterest's is never believed", async () => {
    const [shop] = await shopsWithOrder(1);
    refusal = page(403);
    for (let turn = 0; turn < 6; turn += 1) {
      await deliverOnce(delivery);
      await passTime(db, 120);
    }
    expect(await connections()).toEqual({ active: 1 });
    expect(await readStates(db, shop?.id ?? 0n)).toMatchObject([{ state: "pending", attempts: 6 }]);
  });
});

describe("a paused connection", () => {
  async function pausedShop(reason: string, actor: string): Promise<Shop> {
    const [shop] = await shopsWithOrder(1);
    await pauseConnection({ db }, shop?.id ?? 0n, reason, actor);
    return shop as Shop;
  }

  test.each(["unauthorized", "forbidden", "account_not_found", "internal"])(
    "of the system's own (%s) is tried again each hour, and goes on by itself",
    async (reason) => {
      const shop = await pausedShop(reason, "system");
      expect(await retestConnections(delivery)).toBe(0);
      expect(requests).toEqual([]);
      refusal = json(403, 29);
      await passTime(db, 3_601);
      expect(await retestConnections(delivery)).toBe(0);
      expect(await retestConnections(delivery)).toBe(0);
      expect(requests).toEqual([{ adAccountId: shop.adAccountId, isTest: true }]);
      refusal = null;
      await passTime(db, 3_601);
      expect(await retestConnections(delivery)).toBe(1);
      const { rows } = await db.pool.query(
        "select actor, action, after from audit_entry where shop_id = $1 order by id desc limit 2",
        [shop.id],
      );
      expect(rows).toEqual([
        { actor: "system", action: "connection.resume", after: { state: "active" } },
        { actor: "system", action: "connection.test", after: { result: "passed" } },
      ]);
      await skipWaiting(db);
      await deliverOnce(delivery);
      expect(await accepted()).toBe(1);
    },
  );

  test("is tried once a day after the first day", async () => {
    await pausedShop("forbidden", "system");
    await db.pool.query("update connection set retests = 24");
    refusal = json(403, 29);
    await passTime(db, 3_601);
    await retestConnections(delivery);
    await passTime(db, 7_200);
    await retestConnections(delivery);
    expect(requests).toHaveLength(1);
    await passTime(db, 82_800);
    await retestConnections(delivery);
    expect(requests).toHaveLength(2);
  });

  test("of a person's stays", async () => {
    await pausedShop("merchant", "user:1");
    await passTime(db, 90_000);
    await retestConnections(delivery);
    expect(requests).toEqual([]);
    expect(await connections()).toEqual({ "paused merchant": 1 });
  });

  test("is not resumed by a page that is not Pinterest's", async () => {
    await pausedShop("forbidden", "system");
    refusal = { ...page(200) };
    await passTime(db, 3_601);
    expect(await retestConnections(delivery)).toBe(0);
    expect(await connections()).toEqual({ "paused forbidden": 1 });
  });
});
