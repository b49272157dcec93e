import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { computeLane } from "#app/events/lane.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { startReceiver } from "#test/support/callback-receiver.ts";
import { shopNamed } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { seedEvents } from "#test/support/seed-events.ts";
import { AD_ACCOUNT, type OperationsWorld, openOperationsWorld, SHOP } from "./operations-world.ts";

const PAGE = new URL("../../docs/operations.md", import.meta.url);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LEFT_OPEN = "select 'left open'";
/** A store that nobody has connected. */
const WAITING = "waiting.myshopify.com";
/** The order that the page speaks of; it and the next are rejected. */
const POISON = 5_210_499_102;
const POISON_TOO = POISON + 1;
const [HELD_BACK, LOST, OLD, LOST_AFTER_BACKUP] = [1, 2, 3, 4].map((n) => POISON + 10 * n) as [
  number,
  number,
  number,
  number,
];

let world: OperationsWorld;
/** Began a transaction, and went home. */
let idler: pg.Client;

beforeAll(async () => {
  world = await openOperationsWorld();
  idler = new pg.Client({ connectionString: world.env.DATABASE_URL });
  await idler.connect();
  await idler.query("begin");
  await idler.query(LEFT_OPEN);
  await seedBacklog();
});
afterAll(async () => {
  await idler?.end();
  await world?.close();
});

const query = (sql: string, values: unknown[] = []) => world.db.pool.query(sql, values);
const idOf = async (domain: string) => (await shopNamed(world.db, domain)).id.toString();

async function seedBacklog(): Promise<void> {
  await installShop(world, { domain: WAITING });
  const shops = [WAITING, SHOP].map(async (domain) => {
    return { id: (await shopNamed(world.db, domain)).id, lane: computeLane(domain) };
  });
  const [waiting, store] = await Promise.all(shops);
  if (waiting === undefined || store === undefined) throw new Error("no shops");
  const later = { state: "pending", nextAt: new Date(Date.now() + DAY_MS) } as const;
  await seedEvents(world.db, waiting, [later, later]);
  await seedEvents(world.db, { ...store, adAccountId: AD_ACCOUNT }, [
    { state: "expired", reason: "too_old", eventId: "order-7-checkout", settledAt: new Date() },
  ]);
}

function placeOrder(id: number, ageMs: number): void {
  const createdAt = new Date(Date.now() - ageMs);
  world.shopify.records.putOrder(SHOP, orderBody({ id, createdAt }));
}

interface Step {
  /** Brings about what the page says before the command. */
  before?: () => unknown;
  sees: RegExp;
  after?: () => unknown;
}

/** For each section of the page that has commands, what each of them shows, in the page's order. */
const SCENES: Record<string, Step[]> = {
  "First look": [
    { sees: /^ok {4}database .*^ok {4}connections +1 of 2 shops .*^ok {4}pinterest /ms },
    { sees: /my-store\.myshopify\.com .*active/ },
    { sees: /"status":"ready"/ },
    { sees: /^connections\{.*\} 1$.*^events_waiting \d.*^pinterest_breaker_state 0$/ms },
  ],
  "Pinterest is down": [{ sees: /^401$/m }],
  "A backlog": [{ sees: /waiting\.myshopify\.com +\| +2 \|/ }, { sees: /549755885175 +\|/ }],
  "Events expired": [
    { sees: /my-store\.myshopify\.com +\| too_old \| +1/ },
    { sees: /order-7-checkout .*expired/ },
  ],
  "A token was revoked": [
    {
      async before() {
        await query(
          "update connection set state = 'paused', pause_reason = 'unauthorized', paused_at = now() where shop_id = $1",
          [await idOf(SHOP)],
        );
        await world.sell(HELD_BACK);
        await world.reaches(HELD_BACK, "pending");
      },
      sees: /^my-store\.myshopify\.com is connected to ad account 549755885175/m,
      after: () => world.arrives(HELD_BACK),
    },
    { sees: /my-store\.myshopify\.com .*active/ },
  ],
  "A worker was killed or hangs": [
    { sees: /"status"/ },
    {
      before: () =>
        query(
          "insert into due_account (lane, ad_account_id, next_at, lease_until, leased_at, failures) values (1, '549700000001', now(), now() + interval '1 day', now(), 3)",
        ),
      sees: /549700000001 +\| .*\| +3$/m,
    },
  ],
  "A poison event": [
    {
      async before() {
        for (const id of [POISON, POISON_TOO]) {
          const eventId = `order-${id}-checkout`;
          const message = "the product has no such id";
          world.pinterest.fail({ kind: "poison", eventId, as: "fail_event", message });
          await world.sell(id);
        }
        for (const id of [POISON, POISON_TOO]) await world.reaches(id, "rejected");
      },
      sees: /order-5210499102-checkout .*rejected/,
    },
    { sees: /the product has no such id/ },
  ],
  Replay: [
    {
      before: () => world.pinterest.heal(),
      sees: /^1 events are sent again, under the same ids: order-5210499102-checkout/m,
    },
    {
      sees: /^1 events are sent again, under the same ids: order-5210499103-checkout/m,
      after: () => Promise.all([POISON, POISON_TOO].map(world.arrives)),
    },
  ],
  "Postgres is down or slow": [
    {
      before: () =>
        eventually(async () => {
          const { rows } = await query(
            "select 1 from pg_stat_activity where query = $1 and xact_start < now() - interval '10 s'",
            [LEFT_OPEN],
          );
          return rows.length > 0;
        }),
      sees: /idle in transaction .*left open/,
      after: () => idler.query("rollback"),
    },
  ],
  "An order has no event": [
    { sees: /order-5210499102-checkout/ },
    {
      async before() {
        const installed = "update shop set installed_at = now() - interval '2 days' where id = $1";
        await query(installed, [await idOf(SHOP)]);
        placeOrder(LOST, HOUR_MS);
      },
      sees: /has 1 order since .*; 1 had no event\.\n1 sent/,
      after: () => world.arrives(LOST),
    },
    {
      before: () => placeOrder(OLD, 9 * DAY_MS),
      sees: /^Dry run: .*has 2 orders since .*; 1 had no event\.\n.*would be skipped: 1 too_old/ms,
    },
    {
      before: async () =>
        query(
          "insert into order_sweep (shop_id, next_at, tried_at, result) values ($1, now() + interval '1 day', now(), 'no_session') on conflict (shop_id) do update set result = excluded.result",
          [await idOf(WAITING)],
        ),
      sees: /waiting\.myshopify\.com +\| no_session/,
    },
  ],
  "An alert came": [
    {
      before: async () =>
        query(
          "insert into alert (shop_id, cause, facts, noticed_at, begun_at) values ($1, 'privacy_late', '{\"n\": 2}', now(), now())",
          [await idOf(SHOP)],
        ),
      sees: /privacy_late .*2 privacy requests are late/,
    },
    {
      async before() {
        const settings = { hold_seconds: 0, alert_webhook_url: [(await startReceiver()).url] };
        await query("update shop set settings = $2 where id = $1", [await idOf(SHOP), settings]);
      },
      sees: /^webhook 127\.0\.0\.1:\d+: sent$/m,
    },
    { sees: /whsec_/ },
  ],
  "A redaction is due": [
    {
      before: () =>
        query(
          `insert into compliance_request (shop_domain, topic, webhook_id, state, received_at, next_at)
            values ('${SHOP}', 'customers/redact', 'w', 'recorded', now() - interval '21 days', now() + interval '1 day')`,
        ),
      sees: /customers\/redact \| my-store\.myshopify\.com \| recorded/,
    },
  ],
  "Jobs fail or do not run": [
    {
      before: () =>
        query(
          "insert into pgboss.job (name, state, completed_on) values ('sweep-orders', 'failed', now())",
        ),
      sees: /^ sweep-orders +\| failed +\| +1 \|/m,
    },
  ],
  Restore: [
    { sees: /^$/ },
    {
      async before() {
        await world.stopApp();
        placeOrder(LOST_AFTER_BACKUP, HOUR_MS);
      },
      sees: /^GRANT ROLE$/m,
    },
    { sees: /^$/ },
    { sees: /^ok {4}migrations .*^ok {4}connections +1 of 2 shops /ms },
    {
      before: () => world.move(),
      sees: /has 2 orders since .*; 1 had no event\.\n1 sent/,
      after: () => world.arrives(LOST_AFTER_BACKUP),
    },
  ],
  "Rotate keys": [
    { sees: /^k2:[\w+/]{43}=$/m },
    {
      before() {
        world.env.ENCRYPTION_KEYS = `${world.keys.k2},${world.keys.k1}`;
      },
      sees: /^Data keys wrapped under k2: [1-9].*^k1 may be removed from ENCRYPTION_KEYS\.$/ms,
    },
    { sees: /^k1 may be removed from ENCRYPTION_KEYS\.$/m },
  ],
  "Upgrade and roll back": [
    { sees: /\(5 rows\)/ },
    {
      // What was rotated is read without the old key.
      before() {
        world.env.ENCRYPTION_KEYS = world.keys.k2;
      },
      sees: /^ok {4}connections +1 of 2 shops /m,
    },
  ],
};

/** The commands of each section: every line of its blocks. */
function readCommands(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const section of readFileSync(PAGE, "utf8").split(/^## /m).slice(1)) {
    const blocks = [...section.matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)];
    const commands = blocks
      .filter(([, language]) => language !== "json")
      .flatMap(([, , body = ""]) => body.trimEnd().split("\n"));
    if (commands.length > 0) found.set(section.slice(0, section.indexOf("\n")), commands);
  }
  return found;
}
const page = readCommands();

/** Why the command cannot run on this machine; null if it can. */
function lackOf(section: string, command: string): string | null {
  const [tool = ""] = command.split(" ").filter((word) => !/^\w+=/.test(word));
  try {
    execFileSync("bash", ["-c", `command -v ${tool}`]);
  } catch {
    return `there is no ${tool}`;
  }
  return section === "Restore" ? world.noDump : null;
}

test("each command of the page has its scene here", () => {
  const counts = (of: Iterable<[string, unknown[]]>) =>
    Object.fromEntries([...of].map(([section, { length }]) => [section, length]));
  expect(counts(Object.entries(SCENES))).toEqual(counts(page));
});

// In the order of the page: a later scene finds what an earlier one left.
test.each([...page])("%s", async (section, commands) => {
  for (const [at, command] of commands.entries()) {
    const step = SCENES[section]?.[at];
    if (step === undefined) throw new RangeError(`no scene for: ${command}`);
    const lack = lackOf(section, command);
    if (lack !== null) {
      console.log(`not run, since ${lack}: ${command}`);
      continue;
    }
    await step.before?.();
    const { exitCode, output } = await world.run(command, section === "First look");
    expect([command, exitCode, output]).toEqual([command, 0, expect.stringMatching(step.sees)]);
    await step.after?.();
  }
});
