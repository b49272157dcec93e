import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { type LocalPinterest, startLocalPinterest } from "../local-pinterest.ts";
import { type LocalShopify, startLocalShopify } from "../local-shopify.ts";

/** The app in a process of its own, between a local Shopify and a local Pinterest. */
export interface Stack {
  shopify: LocalShopify;
  pinterest: LocalPinterest;
  appUrl: string;
  /** The environment that the app and the `pinrelay` command share. */
  env: Record<string, string>;
  /** Resolves with the exit code when the app ends. */
  appExit: Promise<number | null>;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Further arguments of `app/server.ts`. */
  args?: string[];
  /** Fault of the database or of a page: what the app prints from this level on goes to stderr. */
  logLevel: string;
}

const READY_WITHIN_MS = 60_000;
const READY_POLL_MS = 100;
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const API_KEY = "sandbox-key";
const API_SECRET = "sandbox-secret";

export async function startStack({ args = [], logLevel }: StackOptions): Promise<Stack> {
  const port = await choosePort(Number(process.env.PORT || 3_000));
  const appUrl = `http://127.0.0.1:${port}`;
  const shopify = await startLocalShopify({ apiKey: API_KEY, apiSecret: API_SECRET, appUrl });
  const pinterest = await startLocalPinterest({ latencyMs: 50 });
  const env = {
    PATH: process.env.PATH ?? "",
    DATA_DIR: process.env.DATA_DIR || ".data",
    ...(process.env.DATABASE_URL ? { DATABASE_URL: process.env.DATABASE_URL } : {}),
    PORT: String(port),
    LOG_LEVEL: process.env.LOG_LEVEL || logLevel,
    SHOPIFY_SANDBOX_URL: shopify.url,
    PINTEREST_API_URL: pinterest.url,
    PINTEREST_OAUTH_URL: pinterest.oauthUrl,
    PINTEREST_CLIENT_ID: pinterest.oauthClient.id,
    PINTEREST_CLIENT_SECRET: pinterest.oauthClient.secret,
  };
  const app = spawn(process.execPath, ["app/server.ts", ...args], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  // The demo's own story goes to stdout alone.
  app.stdout.pipe(process.stderr, { end: false });
  const appExit = once(app, "exit").then(([code]) => code as number | null);
  await untilReady(appUrl, app);
  return {
    shopify,
    pinterest,
    appUrl,
    env,
    appExit,
    async stop() {
      app.kill("SIGTERM");
      await appExit;
      await Promise.all([shopify.close(), pinterest.close()]);
    },
  };
}

async function untilReady(appUrl: string, app: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && app.exitCode === null) {
    const isReady = await fetch(`${appUrl}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  app.kill("SIGTERM");
  throw new Error("The app did not start; what it printed above says why.");
}

/** The port asked for, or any free one where that is taken. */
async function choosePort(wanted: number): Promise<number> {
  return (await portIfFree(wanted)) ?? (await portIfFree(0)) ?? wanted;
}

async function portIfFree(port: number): Promise<number | null> {
  const server = createServer();
  const listening = once(server, "listening");
  server.listen(port, "127.0.0.1");
  try {
    await listening;
  } catch {
    return null;
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? null) : null;
}
