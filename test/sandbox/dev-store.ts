import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startApp } from "./demo/start-stack.ts";
import { keepRunning } from "./keep-running.ts";

/**
 * `npm run dev:shopify`: the app with hot reload for a development store. Shopify's command line runs
 * it, between a tunnel and Shopify itself, and says in HOST, a URL, where the tunnel is.
 */
const { APP_URL, HOST, SHOPIFY_APP_URL, PORT = "3000", DATA_DIR = ".data/shopify" } = process.env;

/** The tunnel's address changes with each run: it wins over one that somebody keeps for production. */
function findAppUrl(): string | undefined {
  return [APP_URL, HOST, SHOPIFY_APP_URL].find((given) => given?.includes("://"));
}

/** The key of this folder's database, made once: what it encrypted is read at the next run too. */
function readOrMakeKey(): string {
  const file = `${path.resolve(DATA_DIR)}.key`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    const key = `dev:${randomBytes(32).toString("base64")}`;
    writeFileSync(file, `${key}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(file, "utf8").trim();
}

const appUrl = findAppUrl();
if (appUrl === undefined) {
  process.stderr.write(
    "npm run dev:shopify is run by Shopify's command line: npx shopify app dev. Without a store: npm run dev\n",
  );
  process.exit(1);
}
const env = {
  ...process.env,
  SHOPIFY_APP_URL: new URL(appUrl).origin,
  HOST: "127.0.0.1",
  PORT,
  DATA_DIR,
  ENCRYPTION_KEYS: process.env.ENCRYPTION_KEYS || readOrMakeKey(),
};
process.exit(
  await keepRunning(() => startApp({ env, appUrl: `http://127.0.0.1:${PORT}` }, ["--dev"])),
);
