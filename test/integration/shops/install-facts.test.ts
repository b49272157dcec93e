import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { type IntakeServer, startIntakeServer } from "#test/support/intake-server.ts";
import { makeShop, miscounts, testKeyring } from "#test/support/outbox-fixture.ts";
import { auditOf, connectionOf } from "./shop-fixture.ts";

const MINUTE_MS = 60_000;
const keyring = testKeyring();
let db: Database;
let intake: IntakeServer;

beforeAll(async () => {
  db = await openTestDatabase();
  intake = await startIntakeServer({ db, keyring });
});
afterAll(async () => {
  await intake.close();
  await db.close();
});

const minutes = (n: number) => new Date(Date.now() + n * MINUTE_MS);

function uninstall(domain: string, at: Date | undefined) {
  const body = { id: 1, myshopify_domain: domain };
  const triggered = { "x-shopify-triggered-at": at?.toISOString() };
  return intake.deliver("app/uninstalled", domain, body, triggered);
}

let orders = 1_000;

/** Delivers an order and says whether it was kept. */
async function order(domain: string, at: Date | undefined): Promise<boolean> {
  orders += 1;
  const id = String(orders);
  const body = orderBody({ id, country: "US", createdAt: new Date(), processedAt: new Date() });
  const triggered = { "x-shopify-triggered-at": at?.toISOString() };
  const { status } = await intake.deliver("orders/create", domain, body, triggered);
  expect(status).toBe(200);
  const { rows } = await db.pool.query("select from event where order_id = $1", [id]);
  return rows.length === 1;
}

async function stateOf(domain: string): Promise<string> {
  const { rows } = await db.pool.query("select state from shop where domain = $1", [domain]);
  return rows[0].state;
}

describe("an uninstall that comes late", () => {
  test("for the first time after the reinstall ends nothing, and orders are kept", async () => {
    const domain = "toggled.myshopify.com";
    await installShop({ db }, { domain, at: minutes(-60) });
    await installShop({ db }, { domain });
    await uninstall(domain, minutes(-5));
    expect(await stateOf(domain)).toBe("installed");
    expect(await order(domain, minutes(0))).toBe(true);
  });

  test("ends nothing where an order that is younger came first", async () => {
    const domain = "silent.myshopify.com";
    await installShop({ db }, { domain, at: minutes(-60) });
    expect(await order(domain, minutes(-2))).toBe(true);
    await uninstall(domain, minutes(-5));
    expect(await stateOf(domain)).toBe("installed");
    await uninstall(domain, minutes(-1));
    expect(await stateOf(domain)).toBe("uninstalled");
  });

  test("without a time counts as of now", async () => {
    const domain = "timeless.myshopify.com";
    await installShop({ db }, { domain });
    await uninstall(domain, undefined);
    expect(await stateOf(domain)).toBe("uninstalled");
  });
});

describe("an order of an uninstalled shop", () => {
  test("that is younger than the uninstall brings the shop back, with what it was connected to", async () => {
    const { domain, adAccountId } = await makeShop({ db, keyring });
    await uninstall(domain, minutes(1));
    expect(await order(domain, minutes(0.5))).toBe(false);
    expect(await order(domain, minutes(2))).toBe(true);
    expect(await stateOf(domain)).toBe("installed");
    expect(await connectionOf(db, domain)).toMatchObject({ state: "active" });
    expect((await auditOf(db, domain)).at(-1)).toEqual({
      actor: "shopify",
      action: "shop.install",
      before: { generation: 1 },
      after: { generation: 2, connection_resumed: true, proved_by: "orders/create" },
    });
    const { rows } = await db.pool.query("select from due_account where ad_account_id = $1", [
      adAccountId,
    ]);
    expect(rows).toHaveLength(1);
    await uninstall(domain, minutes(1));
    expect(await stateOf(domain)).toBe("installed");
    expect(await miscounts(db)).toEqual([]);
  });

  test("without a time counts as of now, and is kept", async () => {
    const { domain } = await makeShop({ db, keyring });
    await uninstall(domain, undefined);
    expect(await order(domain, undefined)).toBe(true);
  });

  test("is kept also while somebody holds the shop's row, and the next one brings it back", async () => {
    const { domain, id } = await makeShop({ db, keyring });
    await uninstall(domain, minutes(0));
    const holder = await db.pool.connect();
    await holder.query("begin");
    await holder.query("select from shop where id = $1 for update", [id]);
    expect(await order(domain, minutes(1))).toBe(true);
    await holder.query("rollback");
    holder.release();
    expect(await order(domain, minutes(1))).toBe(true);
    expect(await stateOf(domain)).toBe("installed");
  });

  test("of a shop that nobody knows is not kept", async () => {
    expect(await order("stranger.myshopify.com", minutes(1))).toBe(false);
  });
});

/**
 * Shopify promises no order and repeats what it likes. Whatever comes in which order, the youngest
 * fact decides, and no order that is younger than all uninstalls delivered is thrown away.
 */
test("the youngest fact decides, in whatever order all of them come, and however often", async () => {
  const fact = fc.record({
    kind: fc.constantFrom("uninstall", "order"),
    minute: fc.integer({ min: 1, max: 50 }),
  });
  const facts = fc.uniqueArray(fact, { minLength: 1, maxLength: 6, selector: (f) => f.minute });
  let shops = 0;
  await fc.assert(
    fc.asyncProperty(facts, fc.array(fc.nat(20), { maxLength: 4 }), async (given, repeats) => {
      shops += 1;
      const domain = `facts-${shops}.myshopify.com`;
      const base = Date.now() - 60 * MINUTE_MS;
      await installShop({ db }, { domain, at: new Date(base) });
      const again = repeats.flatMap((index) => given[index % given.length] ?? []);
      let newestUninstall = 0;
      for (const { kind, minute } of [...given, ...again]) {
        const at = new Date(base + minute * MINUTE_MS);
        if (kind === "uninstall") {
          newestUninstall = Math.max(newestUninstall, minute);
          await uninstall(domain, at);
        } else {
          const isKept = await order(domain, at);
          if (minute > newestUninstall) expect(isKept).toBe(true);
        }
      }
      const newest = given.toSorted((left, right) => right.minute - left.minute)[0];
      expect(await stateOf(domain)).toBe(
        newest?.kind === "uninstall" ? "uninstalled" : "installed",
      );
    }),
    { numRuns: 60 },
  );
});
