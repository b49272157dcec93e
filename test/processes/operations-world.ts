import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { type AppProcess, freePort, startApp } from "#test/support/app-process.ts";
import { shopNamed } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { runScript, type ScriptRun } from "#test/support/run-script.ts";
import { askRaw } from "./ask-raw.ts";
import { choosePrograms, startPlainPostgres } from "./plain-postgres.ts";

export const SHOP = "my-store.myshopify.com";
export const AD_ACCOUNT = "549755885175";
const ROOT = path.resolve(import.meta.dirname, "../..");
const newKey = () => randomBytes(32).toString("base64");

export type OperationsWorld = Awaited<ReturnType<typeof openOperationsWorld>>;

/**
 * What docs/operations.md speaks of: an app on a Postgres of the operator's, a store that it sends
 * for, and the app's folder with its `.env`, in which somebody types.
 */
export async function openOperationsWorld() {
  const home = await mkdtemp(path.join(tmpdir(), "pinrelay-operations-"));
  // Postgres may run as another user, who has to pass through.
  await chmod(home, 0o711);
  const programs = choosePrograms();
  const [first, second, shopify, pinterest, port] = await Promise.all([
    startPlainPostgres(path.join(home, "a"), programs),
    startPlainPostgres(path.join(home, "b"), programs),
    startLocalShopify({ apiKey: "sandbox-key", apiSecret: "sandbox-secret", timeScale: 0.001 }),
    startLocalPinterest(),
    freePort(),
  ]);
  const keys = { k1: `k1:${newKey()}`, k2: `k2:${newKey()}` };
  const env: Record<string, string> = {
    DATABASE_URL: first.url,
    // The new key has been put at the end, and all processes know it.
    ENCRYPTION_KEYS: `${keys.k1},${keys.k2}`,
    PORT: String(port),
    METRICS_TOKEN: "token-of-the-monitoring",
    SHOPIFY_SANDBOX_URL: shopify.url,
    SHOPIFY_API_SECRET: "sandbox-secret",
    PINTEREST_API_URL: pinterest.url,
  };
  const ofShell = {
    PINRELAY_URL: `http://127.0.0.1:${port}`,
    PINTEREST_TOKEN: "pina_of_the_merchant",
    RESTORED_DATABASE_URL: second.url,
  };
  const real = `${path.dirname(process.execPath)}:${process.env.PATH}`;
  await mkdir(path.join(home, "bin"));
  const npx = `#!/bin/sh\nshift\nexec "${process.execPath}" app/pinrelay.mjs "$@"\n`;
  await writeFile(path.join(home, "bin/npx"), npx, { mode: 0o755 });
  shopify.setAppUrl(ofShell.PINRELAY_URL);
  for (const name of ["app", "build", "prisma", "node_modules", "package.json", ".npmrc"]) {
    await symlink(path.join(ROOT, name), path.join(home, name));
  }
  let isRunning = true;
  const world = {
    shopify,
    pinterest,
    keys,
    env,
    noDump: programs.noDump,
    restoredUrl: second.url,
    app: await startApp(env),
    db: await openDatabase(parseEnv(env)),
    /**
     * Runs a command of the page in a shell that has loaded `.env`. npx takes longer than the command
     * that it starts: unless `withNpx`, a script in its place starts the same.
     */
    async run(command: string, withNpx = false): Promise<ScriptRun> {
      const lines = Object.entries(env).map(([name, value]) => `${name}="${value}"\n`);
      await writeFile(path.join(home, ".env"), lines.join(""));
      return runScript(`set -a; . ./.env; set +a\n${command}`, home, {
        PATH: withNpx ? real : `${home}/bin:${real}`,
        HOME: home,
        npm_config_cache: path.join(home, "npm"),
        ...ofShell,
      });
    },
    async sell(id: number): Promise<void> {
      const { status } = await shopify.deliver("orders/create", SHOP, orderBody({ id }));
      if (status !== 200) throw new Error(`the order was answered ${status}`);
    },
    /** Waits until the order's event is in this state. */
    reaches: (id: number, state: string) =>
      eventually(async () => {
        const { rows } = await world.db.pool.query(
          "select 1 from event where event_id = $1 and state = $2",
          [`order-${id}-checkout`, state],
        );
        return rows.length === 1;
      }),
    /** Waits until Pinterest has the order. What keeps it away is in the rows, or the app says it. */
    async arrives(id: number): Promise<void> {
      const eventId = `order-${id}-checkout`;
      const isThere = () => pinterest.ledger.accepted.some((taken) => taken.eventId === eventId);
      await eventually(isThere).catch(async () => {
        const { rows } = await world.db.pool.query(
          `select to_jsonb(e) as event, to_jsonb(d) as account from event e
            left join due_account d using (ad_account_id) where e.event_id = $1`,
          [eventId],
        );
        const said = world.app.output().split("\n").slice(-40).join("\n");
        throw new Error(`${eventId} did not arrive: ${JSON.stringify(rows)}\n${said}`);
      });
    },
    /** The restored database is the app's from now on. */
    async move(): Promise<void> {
      env.DATABASE_URL = second.url;
      world.app = await startApp(env);
      isRunning = true;
      world.db = await openDatabase(parseEnv(env));
    },
    /** Also where it has been stopped before, by a scene that did not start it again. */
    async stopApp(): Promise<void> {
      if (!isRunning) return;
      isRunning = false;
      await world.db.close();
      await world.app.kill("SIGTERM");
    },
    async close() {
      await world.stopApp();
      await Promise.all([first.stop(), second.stop(), shopify.close(), pinterest.close()]);
      await rm(home, { recursive: true, force: true });
    },
  };
  await furnish(world);
  return world;
}

interface Furnished {
  app: AppProcess;
  db: Database;
  env: Record<string, string>;
  shopify: { sessionToken(shop: string): string };
}

/** The store has the app, is connected, and sends what it hears at once. */
async function furnish({ app, db, env, shopify }: Furnished): Promise<void> {
  const authorization = `Bearer ${shopify.sessionToken(SHOP)}`;
  const headers = { "user-agent": "Mozilla/5.0 Chrome/156", authorization };
  const { status } = await askRaw(app.url, `/app?shop=${SHOP}`, { headers });
  if (status >= 400) throw new Error(`the store's admin was answered ${status}`);
  const keyring = createKeyring(parseEnv(env).ENCRYPTION_KEYS);
  const connection = { domain: SHOP, adAccountId: AD_ACCOUNT, token: "pina_first", actor: "test" };
  await connectAdAccount({ db, keyring }, connection);
  await changeSettings({ db }, { domain: SHOP, changes: { hold_seconds: 0 }, actor: "test" });
  const { id } = await shopNamed(db, SHOP);
  // Its orders are compared when the page says so, and not by a job meanwhile.
  await db.pool.query(
    `insert into order_sweep (shop_id, next_at, result, swept_at) values ($1, now() + interval '1 day', 'done', now())
      on conflict (shop_id) do update set next_at = excluded.next_at, result = excluded.result, swept_at = excluded.swept_at`,
    [id.toString()],
  );
}
