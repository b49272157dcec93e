import http from "node:http";
import https from "node:https";
import { measureClockSkew, writePathAnswers } from "#app/platform/check-database.server.ts";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { type CommandConfig, type Config, parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { migrationsAreCurrent } from "#app/platform/migrate.server.ts";
import { readSendingConnections } from "#app/shops/connection/read-connection.server.ts";
import type { CommandContext, CommandResult } from "./command.server.ts";
import { plain } from "./format-table.server.ts";
import { listShops } from "./shops.server.ts";
import { databaseFailure } from "./with-database.server.ts";

interface Check {
  check: string;
  ok: boolean;
  message: string;
  /** The next step; null if all is well. */
  action: string | null;
}

const ANSWER_WITHIN_MS = 5_000;

/** `pinrelay doctor`: sends nothing to Pinterest or Shopify. Ends with 1 when a check fails. */
export async function runDoctor({ env }: CommandContext): Promise<CommandResult> {
  const checks = await runChecks(env);
  const isWell = checks.every(({ ok }) => ok);
  return {
    json: { ok: isWell, checks },
    text: checks.map(describe).join("\n"),
    exitCode: isWell ? 0 : 1,
  };
}

const NAME_WIDTH = 15;

function describe({ ok, check, message, action }: Check): string {
  const [first = "", ...others] = `${message}\n${action ?? ""}`.trimEnd().split("\n").map(plain);
  const below = others.map((line) => `\n${" ".repeat(NAME_WIDTH + 8)}${line}`).join("");
  return `${ok ? "ok  " : "FAIL"}  ${check.padEnd(NAME_WIDTH)}  ${first}${below}`;
}

function pass(check: string, message: string): Check {
  return { check, ok: true, message, action: null };
}

function fail(check: string, message: string, action: string): Check {
  return { check, ok: false, message, action };
}

async function runChecks(env: CommandContext["env"]): Promise<Check[]> {
  const full = tryParse(() => parseEnv(env, { serves: true }));
  const config = full.config ?? tryParse(() => parseEnv(env, { forCommand: true })).config;
  const environment =
    full.config === undefined
      ? fail("environment", full.message, "Set these variables where the app starts.")
      : pass("environment", "every variable is set and valid");
  if (config === undefined) return [environment];
  return [
    environment,
    ...(full.config === undefined ? [] : [checkShopify(full.config)]),
    ...(await checkDatabase(config)),
    await checkPinterest(config),
  ];
}

function tryParse<T>(parse: () => T): { config: T | undefined; message: string } {
  try {
    return { config: parse(), message: "" };
  } catch (error) {
    return { config: undefined, message: (error as Error).message };
  }
}

function checkShopify({ SHOPIFY_API_SECRETS, SHOPIFY_APP_URL, ...config }: Config): Check {
  const secrets = SHOPIFY_API_SECRETS.length === 1 ? "one secret" : "two secrets (rotating)";
  const { SHOPIFY_SANDBOX_URL: sandbox } = config;
  const where = sandbox === undefined ? "Shopify" : `the sandbox at ${sandbox}`;
  return pass("shopify", `talks to ${where} as ${SHOPIFY_APP_URL}, verifies with ${secrets}`);
}

async function checkDatabase(config: CommandConfig): Promise<Check[]> {
  let db: Database;
  try {
    db = await openDatabase(config);
  } catch (error) {
    const { message, action } = databaseFailure(config, error);
    return [fail("database", message, action)];
  }
  try {
    return [
      await checkWrites(db),
      await checkMigrations(db),
      await checkClock(db),
      await checkConnections(db, config),
    ];
  } finally {
    await db.close();
  }
}

async function checkWrites({ pool }: Database): Promise<Check> {
  if (await writePathAnswers(pool, ANSWER_WITHIN_MS)) return pass("database", "takes writes");
  const action = "Check its disk space, and that it is neither a standby nor read-only.";
  return fail("database", "takes no writes", action);
}

async function checkMigrations({ pool }: Database): Promise<Check> {
  if (await migrationsAreCurrent(pool)) return pass("migrations", "are those of this version");
  return fail("migrations", "are not those of this version", "Start the app of this version once.");
}

async function checkClock({ pool }: Database): Promise<Check> {
  const { ms, isTolerable } = await measureClockSkew(pool);
  const message = `this machine and the database differ by ${Math.abs(ms)} ms`;
  if (isTolerable) return pass("clock", message);
  return fail("clock", message, "Keep both by the same time server (NTP).");
}

async function checkConnections(db: Database, config: CommandConfig): Promise<Check> {
  const { rows } = await db.pool.query<{ shop_id: bigint }>("select shop_id from connection");
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  const shopIds = rows.map((row) => row.shop_id);
  const reasons: string[] = [];
  await readSendingConnections({ db, keyring }, shopIds, (reason) => reasons.push(reason));
  const [reason] = reasons;
  if (reason !== undefined) {
    const action = "Add the key that the tokens were encrypted with to ENCRYPTION_KEYS.";
    const message = `tokens of ${reasons.length} shops do not open: ${reason}`;
    return fail("connections", message, action);
  }
  const shops = (await listShops({ db })).filter(({ state }) => state === "installed");
  const active = shops.filter(({ connection }) => connection === "active");
  const stopped = shops.filter(
    ({ connection, pause_reason: reason }) => connection === "paused" && reason !== "merchant",
  );
  const message = `${active.length} of ${shops.length} shops are connected and sending`;
  if (stopped.length === 0) return pass("connections", message);
  const names = stopped.map(({ shop, pause_reason: reason }) => `${shop} (${reason})`);
  const action = "Connect them again with a token that Pinterest accepts: `pinrelay shop connect`.";
  return fail("connections", `${message}; Pinterest refuses ${names.join(", ")}`, action);
}

/** Asks for nothing and sends no token: any answer shows that Pinterest can be reached. */
async function checkPinterest({ PINTEREST_API_URL: url }: CommandConfig): Promise<Check> {
  const { get } = url.startsWith("https:") ? https : http;
  const problem = await new Promise<string | null>((resolve) => {
    const request = get(url, { timeout: ANSWER_WITHIN_MS }, (response) => {
      response.destroy();
      resolve(null);
    });
    request.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.on("timeout", () => {
      resolve(`no answer within ${ANSWER_WITHIN_MS} ms`);
      request.destroy();
    });
  });
  if (problem === null) return pass("pinterest", `${url} answers`);
  const action = "Check PINTEREST_API_URL, the machine's DNS and what its firewall lets out.";
  return fail("pinterest", `${url} does not answer: ${problem}`, action);
}
