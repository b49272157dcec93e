import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { type Config, parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { type AppProcess, startApp } from "#test/support/app-process.ts";
import { SHOPS } from "./sizes.ts";

/** Pinrelay as somebody has it who has just installed it, with shops, in a folder of its own. */
export interface Installation {
  db: Database;
  keyring: Keyring;
  config: Config;
  /** For processes that share its database. */
  env: { DATA_DIR: string } & Record<string, string>;
  /** Domains. */
  shops: string[];
  startApp(env: Record<string, string>): Promise<AppProcess>;
  /** Forgets all webhooks and events; the shops stay. */
  clear(): Promise<void>;
  /** Ends what runs, and removes the folder. */
  close(): Promise<void>;
}

const FIRST_AD_ACCOUNT = 549_700_000_001;
const TOKEN = "pina_token_of_the_bench";

export async function openInstallation(): Promise<Installation> {
  const folder = await mkdtemp(path.join(tmpdir(), "pinrelay-bench-"));
  const env = {
    DATA_DIR: folder,
    // Its defaults stand for a configured app; nothing is sent there.
    SHOPIFY_SANDBOX_URL: "http://127.0.0.1:9",
    LOG_LEVEL: "warn",
  };
  const config = parseEnv(env);
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  const db = await openDatabase(config);
  const apps = new Set<AppProcess>();
  return {
    db,
    keyring,
    config,
    env,
    shops: await makeShops(db, keyring),
    async startApp(more) {
      const app = await startApp({ ...env, ...more });
      apps.add(app);
      return app;
    },
    async clear() {
      await db.pool.query(
        "truncate event, event_payload, receipt, attempt, due_account, count_bucket, customer_trace, visit",
      );
    },
    async close() {
      await Promise.all([...apps].map((app) => app.kill("SIGTERM")));
      await db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeShops(db: Database, keyring: Keyring): Promise<string[]> {
  const shops = Array.from({ length: SHOPS }, (_, index) => `bench-${index}.myshopify.com`);
  for (const [index, domain] of shops.entries()) {
    const adAccountId = String(FIRST_AD_ACCOUNT + index);
    await installShop({ db }, { domain });
    await connectAdAccount({ db, keyring }, { domain, adAccountId, token: TOKEN, actor: "bench" });
  }
  return shops;
}
