import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { scheduleBilling } from "#app/billing/check-billing.server.ts";
import { joinLateForm } from "#app/mapping/person/sign-up-form.server.ts";
import { scheduleUpkeep } from "#app/outbox/upkeep.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { createRegistry } from "#app/platform/metrics.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import { registerRunWorker } from "#app/runs/register-run-worker.server.ts";
import { renewSignIns, scheduleRenewals } from "#app/shops/connection/renew-sign-ins.server.ts";
import { scheduleQuality } from "#app/shops/refresh-quality.server.ts";
import { scheduleWebPixels } from "#app/shops/web-pixel.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { testKeyring } from "#test/support/outbox-fixture.ts";
import {
  connectionRow,
  type Shop,
  type SignInServices,
  signedInShop,
  signInServices,
} from "../sign-in-fixture.ts";

let db: TestDatabase;
let local: LocalPinterest;
let services: SignInServices;
const keyring = testKeyring();
const log = createLogger("silent");
const ACCOUNT = "549755885175";
const PLAN = {
  kind: "recurring",
  price: "19.00",
  currency: "USD",
  cap: null,
  trialDays: 0,
} as const;

beforeAll(async () => {
  db = await openTestDatabase();
  local = await startLocalPinterest();
  services = signInServices({ db, keyring }, local);
});
afterEach(async () => {
  local.heal();
  await db.pool.query("delete from shop");
});
afterAll(async () => {
  await services.pinterest.close();
  await local.close();
  await db.close();
});

/** Three shops that are due for everything, of which the first and the last cannot be read. */
async function threeShops(): Promise<[broken: Shop, good: Shop, alsoBroken: Shop]> {
  const shops: Shop[] = [];
  for (let n = 0; n < 3; n += 1) shops.push(await signedInShop(services, ACCOUNT));
  const [first, good, last] = shops as [Shop, Shop, Shop];
  await db.pool.query("update connection set token_expires_at = now() + interval '1 day'");
  await db.pool.query("update shop set lane = $1", [new Date().getUTCHours()]);
  await db.pool.query("update connection set token = token || '\\x00'::bytea where shop_id <> $1", [
    good.id,
  ]);
  return [first, good, last];
}

/** Every scheduled job of a worker, by name. */
async function scheduledJobs(asked: string[]): Promise<Map<string, () => Promise<void>>> {
  const jobs = new Map<string, () => Promise<void>>();
  const queue = {
    schedule: async (name: string, _cron: string, handler: () => Promise<void>) => {
      jobs.set(name, handler);
    },
    send: async () => {},
    work: async () => {},
  };
  const all = { ...services, joinLateForm, log, queue, registry: createRegistry() };
  await scheduleUpkeep(all);
  await scheduleRenewals(all);
  await scheduleQuality(all);
  const openAdmin = async (domain: string) => {
    asked.push(domain);
    throw new TypeError("no session");
  };
  await scheduleBilling({ ...all, plan: PLAN, openAdmin, now: () => new Date() });
  await scheduleWebPixels({
    ...all,
    config: { SHOPIFY_APP_URL: "https://app.example" },
    openAdmin,
  });
  await registerRunWorker(all);
  return jobs;
}

test("no scheduled job fails, and none leaves a shop out, for what is wrong with others", async () => {
  const [, good] = await threeShops();
  const before = await connectionRow(db, good);
  const asked: string[] = [];
  const jobs = await scheduledJobs(asked);
  // A new job belongs into this test, with what it does for a shop beside broken ones.
  expect([...jobs.keys()].sort()).toMatchInlineSnapshot(`
    [
      "adopt-stray-events",
      "check-billing",
      "check-web-pixels",
      "drop-old-rows",
      "ensure-partitions",
      "expire-events",
      "refresh-quality",
      "renew-sign-ins",
      "shorten-payloads",
      "skip-guests",
      "take-up-runs",
    ]
  `);
  for (const [name, job] of jobs) {
    if (!["drop-old-rows", "ensure-partitions"].includes(name)) await job();
  }
  expect((await connectionRow(db, good))?.token).not.toEqual(before?.token);
  const { rows } = await db.pool.query("select distinct shop_id from quality_snapshot");
  expect(rows).toEqual([{ shop_id: good.id }]);
  expect(asked).toHaveLength(3);
});

test("a sign-in that does not open is noted, and the others are renewed", async () => {
  const [broken, good] = await threeShops();
  const before = await connectionRow(db, good);
  expect(await renewSignIns(services)).toMatchObject({ renewed: 1, failed: 2 });
  expect((await connectionRow(db, good))?.token).not.toEqual(before?.token);
  expect((await connectionRow(db, broken))?.renewal_failed_at).toEqual(expect.any(Date));
});

const items = (count: number) => Array.from({ length: count }, (_, n) => ({ id: BigInt(n + 1) }));

function job(
  count: number,
  work: (item: { id: bigint }) => Promise<unknown>,
  pages: number[] = [],
) {
  return {
    job: "test",
    describe: ({ id }: { id: bigint }) => ({ request: String(id) }),
    pageSize: 10,
    atOnce: 3,
    readPage: async (after: bigint, limit: number) => {
      const page = items(count)
        .filter(({ id }) => id > after)
        .slice(0, limit);
      pages.push(page.length);
      return page;
    },
    work,
  };
}

test("a long list is worked on in pages, a few at a time, each item once", async () => {
  const seen: bigint[] = [];
  const pages: number[] = [];
  let now = 0;
  let most = 0;
  const work = async ({ id }: { id: bigint }) => {
    now += 1;
    most = Math.max(most, now);
    seen.push(id);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    if (id % 2n === 0n) throw new TypeError("even");
    return id;
  };
  const { results, failed } = await workOnEach({ log }, job(25, work, pages));
  expect(seen).toEqual(items(25).map(({ id }) => id));
  expect([results.length, failed, most, pages]).toEqual([13, 12, 3, [10, 10, 5]]);
});

test("a job fails when all of its items do, and not when there are none", async () => {
  const fail = async () => {
    throw new TypeError("no");
  };
  await expect(workOnEach({ log }, job(3, fail))).rejects.toMatchObject({
    name: "EveryItemFailedError",
    cause: { message: "no" },
  });
  expect(await workOnEach({ log }, job(0, fail))).toEqual({ results: [], failed: 0 });
});
