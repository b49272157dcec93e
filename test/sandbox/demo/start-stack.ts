import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { type LocalPinterest, startLocalPinterest } from "../local-pinterest.ts";
import { type LocalShopify, startLocalShopify } from "../local-shopify.ts";

/** A local Shopify and a local Pinterest, and the environment of an app between them. */
export interface Servers {
  shopify: LocalShopify;
  pinterest: LocalPinterest;
  appUrl: string;
  /** The environment shared by the app and the `pinrelay` command. */
  env: Record<string, string>;
  close(): Promise<void>;
}

/** The app in a process of its own. */
export interface App {
  /** Resolves with the exit code when it ends. */
  exit: Promise<number | null>;
  stop(): Promise<void>;
}

export type Stack = Servers & { app: App };

const READY_WITHIN_MS = 60_000;
const READY_POLL_MS = 100;
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const API_KEY = "sandbox-key";
const API_SECRET = "sandbox-secret";

/** `logLevel`: from which level on the app's log is shown, unless LOG_LEVEL says. */
export async function startServers({ logLevel }: { logLevel: string }): Promise<Servers> {
  const port = await choosePort(Number(process.env.PORT || 3_000));
  const appUrl = `http://127.0.0.1:${port}`;
  const shopify = await startLocalShopify({
    apiKey: API_KEY,
    apiSecret: API_SECRET,
    appUrl,
    hasThemeExtension: true,
  });
  const pinterest = await startLocalPinterest({ latencyMs: 50 });
  return {
    shopify,
    pinterest,
    appUrl,
    env: {
      PATH: process.env.PATH ?? "",
      DATA_DIR: process.env.DATA_DIR || ".data",
      ...(process.env.DATABASE_URL ? { DATABASE_URL: process.env.DATABASE_URL } : {}),
      PORT: String(port),
      LOG_LEVEL: process.env.LOG_LEVEL || logLevel,
      // The local Shopify says by it where a shopper comes from.
      TRUST_PROXY: "127.0.0.1",
      SHOPIFY_SANDBOX_URL: shopify.url,
      PINTEREST_API_URL: pinterest.url,
      PINTEREST_OAUTH_URL: pinterest.oauthUrl,
      PINTEREST_CLIENT_ID: pinterest.oauthClient.id,
      PINTEREST_CLIENT_SECRET: pinterest.oauthClient.secret,
    },
    async close() {
      await Promise.all([shopify.close(), pinterest.close()]);
    },
  };
}

/** Starts the app and waits until it is ready. Its log goes to stderr: stdout tells the story. */
export async function startApp(
  { env, appUrl }: { env: NodeJS.ProcessEnv; appUrl: string },
  args: string[] = [],
): Promise<App> {
  const child = spawn(process.execPath, ["app/server.ts", ...args], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.pipe(process.stderr, { end: false });
  const exit = once(child, "exit").then(([code]) => code as number | null);
  await untilReady(appUrl, child);
  return {
    exit,
    async stop() {
      child.kill("SIGTERM");
      await exit;
    },
  };
}

async function untilReady(appUrl: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const isReady = await fetch(`${appUrl}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  child.kill("SIGTERM");
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
