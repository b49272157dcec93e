import { afterAll, beforeAll, expect, test } from "vitest";
import { startOrderRun } from "#app/runs/start-run.server.ts";
import { SYSTEM } from "#app/runs/store-run.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import {
  acceptedOf,
  type FlowStack,
  openFlowStack,
  SECRETS,
} from "#test/integration/shopify/flow-fixture.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { eventually } from "#test/support/poll.ts";
import { type CliRun, runCli } from "./run-cli.ts";

let stack: FlowStack;
beforeAll(async () => {
  stack = await openFlowStack();
});
afterAll(() => stack?.close());

function pinrelay(...args: string[]): Promise<CliRun> {
  return runCli(args, {
    DATABASE_URL: stack.db.url,
    SHOPIFY_SANDBOX_URL: stack.shopify.url,
    SHOPIFY_API_SECRET: SECRETS.join(","),
  });
}

const DAY_MS = 86_400_000;
let orders = 80_000;

function placeOrder(domain: string, ageMs = DAY_MS / 24): string {
  orders += 1;
  const createdAt = new Date(Date.now() - ageMs);
  stack.records.putOrder(domain, orderBody({ id: orders, createdAt }));
  return `order-${orders}-checkout`;
}

async function countEvents(): Promise<number> {
  return (await stack.db.pool.query("select from event")).rowCount ?? 0;
}

test("a backfill says first what it would do, then does it, and a reconciliation finds nothing left", async () => {
  const { domain, adAccountId } = await stack.openShop();
  const eventId = placeOrder(domain);
  placeOrder(domain, 9 * DAY_MS);
  const found = { orders: 2, missing: 2, sent: 1, skipped: { too_old: 1 }, failed: 0 };
  const backfill = ["backfill", "--shop", domain, "--since", "30d", "--json"];
  const dry = await pinrelay(...backfill, "--dry-run");
  expect(dry).toMatchObject({ exitCode: 0, stderr: "" });
  expect(dry.json()).toMatchObject({ ok: true, shop: domain, dry_run: true, ...found });
  expect(await countEvents()).toBe(0);

  expect((await pinrelay(...backfill)).json()).toMatchObject({ dry_run: false, ...found });
  await eventually(() =>
    acceptedOf(stack.pinterest, { adAccountId }).find((sent) => sent.eventId === eventId),
  );

  const again = await pinrelay("reconcile", "--shop", domain, "--since", "30d");
  expect(again.exitCode).toBe(0);
  expect(again.stdout).toMatch(/has 2 orders since .*; 0 had no event\./);
});

test("a reconciliation goes back to the install, unless it is told to go further", async () => {
  const { domain } = await stack.openShop();
  placeOrder(domain);
  expect((await pinrelay("reconcile", "--shop", domain, "--json")).json()).toMatchObject({
    orders: 0,
    missing: 0,
  });
  await stack.db.pool.query(
    "update shop set installed_at = now() - interval '2 days' where domain = $1",
    [domain],
  );
  expect((await pinrelay("reconcile", "--shop", domain, "--json")).json()).toMatchObject({
    orders: 1,
    sent: 1,
  });
});

test("a dry run leaves alone a sweep that is under way and goes on beside it, and one that sends waits for it", async () => {
  const { domain, adAccountId } = await stack.openShop();
  const shop = await findShop(stack, domain);
  if (shop === null) throw new Error("the shop is not there");
  const eventId = placeOrder(domain);
  const since = new Date(Date.now() - DAY_MS);
  await startOrderRun(
    { db: stack.db, queue: { send: async () => {} } },
    { shop, actor: SYSTEM },
    { since, by: "created", isDry: false, token: null },
  );
  const listRuns = async () => {
    const runs = "select state, actor, total from run where shop_id = $1 order by id";
    return (await stack.db.pool.query(runs, [shop.id.toString()])).rows;
  };
  const backfill = ["backfill", "--shop", domain, "--since", "30d", "--json"];
  const dry = await pinrelay(...backfill, "--dry-run");
  expect(dry.exitCode).toBe(0);
  expect(dry.json()).toMatchObject({ ok: true, dry_run: true, orders: 1, missing: 1, sent: 1 });
  const sweep = { state: "running", actor: "system", total: 0 };
  expect(await listRuns()).toEqual([sweep, { state: "done", actor: "cli", total: 1 }]);

  expect((await pinrelay(...backfill)).json()).toMatchObject({ ok: true, orders: 1, missing: 0 });
  expect(await listRuns()).toEqual([
    { state: "done", actor: "system", total: 1 },
    { state: "done", actor: "cli", total: 1 },
    { state: "done", actor: "cli", total: 0 },
  ]);
  await eventually(() =>
    acceptedOf(stack.pinterest, { adAccountId }).find((one) => one.eventId === eventId),
  );
});

test("what is in its way is said in one sentence, with what to do", async () => {
  const unopened = "unopened.myshopify.com";
  await stack.db.pool.query(
    "insert into shop (domain, lane, state, pixel_key) values ($1, 0, 'installed', 'unopened')",
    [unopened],
  );
  const { domain: gone } = await stack.openShop();
  await uninstallShop(stack, { domain: gone, triggeredAt: null });
  const { domain: denied } = await stack.openShop();
  stack.shopify.trouble(denied, ["denied", "denied"]);
  for (const [shop, code] of [
    [unopened, "no_session"],
    [gone, "not_installed"],
    [denied, "shopify_denied"],
    ["never-heard-of.myshopify.com", "not_found"],
  ] as const) {
    const run = await pinrelay("reconcile", "--shop", shop, "--json");
    expect(run.exitCode, shop).toBe(1);
    expect(run.json(), shop).toMatchObject({ ok: false, error: { code } });
    expect(run.json().error.action, shop).toMatch(/\.$/);
  }
  // Nobody saw how many orders there are.
  expect((await pinrelay("reconcile", "--shop", unopened)).stdout.trim()).toBe("");
  expect(await pinrelay("backfill", "--shop", denied, "--json")).toMatchObject({ exitCode: 2 });
  // Its list is answered, and the order in it is not.
  placeOrder(denied);
  stack.shopify.trouble(denied, ["none", "none", "denied", "denied"]);
  const cut = await pinrelay("backfill", "--shop", denied, "--since", "2d");
  expect(cut.exitCode).toBe(1);
  expect(cut.stdout).toMatch(/^1 order of \S+ was compared since \S+; 0 had no event\.\n$/);
});
