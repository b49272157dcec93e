import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { APP_KEY_VARIABLES } from "./app-key-env.server.ts";
import { BILLING_VARIABLES, findBillingFaults } from "./billing-env.server.ts";
import { MAIL_VARIABLES } from "./mail-env.server.ts";
import { findWeakSecrets, parseEncryptionKeys, SANDBOX_SECRETS } from "./secrets.server.ts";
import { TELEMETRY_VARIABLES } from "./telemetry-env.server.ts";

/** The variables that concern neither Shopify nor what listens to it. */
export type CommandConfig = Omit<z.infer<typeof schema>, ShopifyName>;

/** The whole environment of a serving process, under the environment's own names. */
export type Config = CommandConfig & {
  SHOPIFY_API_KEY: string;
  /** The current secret, then the previous one while rotating: all verify, the first signs. */
  SHOPIFY_API_SECRETS: [string, ...string[]];
  /** The app's address, without a slash at its end. */
  SHOPIFY_APP_URL: string;
  SCOPES: string[];
};

/** The message names every faulty variable and what it should be, and repeats no value. */
export class ConfigError extends Error {
  override name = "ConfigError";
  code = "bad_environment";
}

type Environment = Record<string, string | undefined>;
type ShopifyName = "SHOPIFY_API_KEY" | "SHOPIFY_API_SECRET" | "SHOPIFY_APP_URL" | "SCOPES";

const SHOPIFY_NAMES: ShopifyName[] = [
  "SHOPIFY_API_KEY",
  "SHOPIFY_API_SECRET",
  "SHOPIFY_APP_URL",
  "SCOPES",
];

const text = z.string();
const url = (fault: string, accepts: (url: URL) => boolean) =>
  text.refine((value) => URL.canParse(value) && accepts(new URL(value)), fault);
const SECURE_URL =
  "must be a URL that starts with https:// (http:// only for a loopback host), with no user name in it";
const secureUrl = url(SECURE_URL, isSecure);
const list = text.transform((value) =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

/** Parses a whole number of the environment. */
const number = (fallback: number, least: number, most: number) =>
  text
    .default(String(fallback))
    .refine((value) => /^\d{1,6}$/.test(value) && Number(value) >= least && Number(value) <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    })
    .transform(Number);

const KEYS = "id:base64 of 32 bytes, more of them after commas, every id once";

/** What is wanted of the variables without which nothing is served. */
const WANTED = new Map([
  ["ENCRYPTION_KEYS", KEYS],
  ["SHOPIFY_API_KEY", "the client ID of the app at Shopify"],
  ["SHOPIFY_API_SECRET", "the secret of the app at Shopify"],
  ["SHOPIFY_APP_URL", "the address of the app, with https:// and without a path"],
  ["SCOPES", "the access scopes that shopify.app.toml asks for"],
  [
    "DATABASE_URL",
    "set it to a Postgres 15 or newer, or set DATA_DIR to a folder that stays, such as a mounted volume, and Pinrelay keeps a Postgres of its own there",
  ],
]);

function missing(name: string): string {
  const wanted = WANTED.get(name);
  return wanted === undefined ? "is missing" : `is missing: ${wanted}`;
}

const schema = z.object({
  PORT: text
    .default("3000")
    .transform(Number)
    .refine((port) => Number.isInteger(port) && port >= 0 && port <= 65_535, {
      error: "must be a port, a whole number from 0 to 65535",
    }),
  HOST: text
    .refine((host) => !/[/@\s]/.test(host), {
      error:
        "must be an address or a host name of this machine, without http:// and without a port",
    })
    .default("0.0.0.0"),
  KEEP_ALIVE_SECONDS: number(75, 1, 3_600),
  MAX_CONNECTIONS: number(4_000, 10, 100_000),
  LINGER_SECONDS: number(10, 0, 20),
  PINRELAY_ROLE: z.enum(["all", "web", "worker"], "must be all, web or worker").default("all"),
  DATABASE_URL: url("must be a URL that starts with postgresql://", ({ protocol }) =>
    ["postgres:", "postgresql:"].includes(protocol),
  ).optional(),
  DATA_DIR: text.default(".data"),
  SHOPIFY_API_KEY: text.optional(),
  SHOPIFY_API_SECRET: list
    .refine(({ length }) => length === 1 || length === 2, "must be a secret, or current,previous")
    .optional(),
  SHOPIFY_APP_URL: url(
    `${SECURE_URL}, no path and no query`,
    (given) => isSecure(given) && given.pathname === "/" && given.search + given.hash === "",
  )
    .transform(withoutSlash)
    .optional(),
  SCOPES: list
    .refine(
      (scopes) => scopes.length > 0 && scopes.every((scope) => /^\w{1,100}$/.test(scope)),
      "must be access scopes such as read_orders, separated by commas",
    )
    .optional(),
  SHOPIFY_SANDBOX_URL: url(
    "must be an http:// or https:// URL of a loopback host, such as http://127.0.0.1:4000",
    (given) => /^https?:$/.test(given.protocol) && isLoopback(given),
  )
    .transform(withoutSlash)
    .optional(),
  PINTEREST_API_URL: secureUrl.transform(withoutSlash).default("https://api.pinterest.com/v5"),
  PINTEREST_OAUTH_URL: secureUrl.default("https://www.pinterest.com/oauth/"),
  PINTEREST_CLIENT_ID: text.optional(),
  PINTEREST_CLIENT_SECRET: text.optional(),
  ENCRYPTION_KEYS: text.transform((value, context) => {
    const keys = parseEncryptionKeys(value);
    if (keys !== null) return keys;
    context.addIssue(`must be ${KEYS}`);
    return z.NEVER;
  }),
  TRUST_PROXY: list.default([]).refine((proxies) => proxies.every(isAddressOrRange), {
    error: "must be IP addresses or ranges such as 10.0.0.0/8, separated by commas",
  }),
  METRICS_TOKEN: text.optional(),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
      error: "must be trace, debug, info, warn, error, fatal or silent",
    })
    .default("info"),
  ...BILLING_VARIABLES,
  ...TELEMETRY_VARIABLES,
  ...MAIL_VARIABLES,
  ...APP_KEY_VARIABLES,
});

const remotes = schema.pick({ PINTEREST_API_URL: true, SHOPIFY_SANDBOX_URL: true });

/**
 * Reads the environment; an empty string counts as missing. Sandbox mode (SHOPIFY_SANDBOX_URL is
 * set) has a default for everything; outside it, and where HOST is not loopback, secrets have no
 * default, and those that can be guessed are rejected.
 *
 * With `forCommand`, Shopify's variables may be missing and are left out: a command only uses the
 * database and Pinterest. With `serves`, the place of the database must be chosen.
 *
 * @throws ConfigError
 */
export function parseEnv(env: Environment, options?: { serves: true }): Config;
export function parseEnv(env: Environment, options: { forCommand: true }): CommandConfig;
export function parseEnv(
  env: Environment,
  options?: { forCommand?: true; serves?: true },
): Config | CommandConfig {
  const given = withSandboxDefaults(withoutEmpty(env));
  const parsed = schema.safeParse(given);
  const faults = new Map<string, string>();
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = String(path[0]);
    faults.set(name, given[name] === undefined ? missing(name) : message);
  }
  const needed = [
    ...(options?.forCommand ? [] : SHOPIFY_NAMES),
    ...(options?.serves && isDatabaseUnchosen(given) ? ["DATABASE_URL"] : []),
  ];
  for (const name of needed) if (given[name] === undefined) faults.set(name, missing(name));
  for (const [name, other] of PAIRS) {
    if (given[name] === undefined && given[other] !== undefined) {
      faults.set(name, `is missing, while ${other} is set: both or neither`);
    }
  }
  const weak = options?.forCommand ? [] : findWeakSecrets(given, isLocalSandbox(given));
  for (const [name, fault] of [...findBillingFaults(given), ...weak]) {
    if (!faults.has(name)) faults.set(name, fault);
  }
  if (parsed.data === undefined || faults.size > 0) throw new ConfigError(describe(faults));

  const { SHOPIFY_API_KEY, SHOPIFY_API_SECRET, SHOPIFY_APP_URL, SCOPES, ...rest } = parsed.data;
  if (options?.forCommand) return rest;
  return {
    ...rest,
    SHOPIFY_API_KEY: SHOPIFY_API_KEY as string,
    SHOPIFY_API_SECRETS: SHOPIFY_API_SECRET as [string, ...string[]],
    SHOPIFY_APP_URL: SHOPIFY_APP_URL as string,
    SCOPES: SCOPES as string[],
  };
}

/**
 * The addresses of Pinterest and, in sandbox mode, of Shopify: all that a task with a token of its
 * own needs. A machine that only sends events by hand has nothing else set.
 *
 * @throws ConfigError
 */
export function parseRemotes(env: Environment): z.infer<typeof remotes> {
  const given = withoutEmpty(env);
  const parsed = remotes.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    describe(new Map(parsed.error.issues.map(({ path, message }) => [String(path[0]), message]))),
  );
}

/** Each needs the other. */
const PAIRS = [
  ["PINTEREST_CLIENT_ID", "PINTEREST_CLIENT_SECRET"],
  ["PINTEREST_CLIENT_SECRET", "PINTEREST_CLIENT_ID"],
  ["SMTP_URL", "SMTP_FROM"],
  ["SMTP_FROM", "SMTP_URL"],
] as const;

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
}

/** Publicly known secrets are used only where no other machine can reach what they protect. */
function withSandboxDefaults(env: Environment): Environment {
  if (env.SHOPIFY_SANDBOX_URL === undefined) return env;
  const given = {
    HOST: "127.0.0.1",
    // A sandbox has no load balancer.
    LINGER_SECONDS: "1",
    SHOPIFY_API_KEY: "sandbox-key",
    SHOPIFY_APP_URL: `http://127.0.0.1:${env.PORT ?? 3000}`,
    SCOPES: "read_orders,read_customers,read_products,write_pixels,read_customer_events",
    ...env,
  };
  return isLocalSandbox(given) ? { ...SANDBOX_SECRETS, ...given } : given;
}

function isLocalSandbox({ SHOPIFY_SANDBOX_URL, HOST }: Environment): boolean {
  return SHOPIFY_SANDBOX_URL !== undefined && isLoopbackName(HOST ?? "");
}

function describe(faults: Map<string, string>): string {
  const lines = [...faults].map(([name, fault]) => `  ${name} ${fault}`);
  return `The environment is not complete or not valid:\n${lines.join("\n")}`;
}

function withoutSlash(value: string): string {
  return value.replace(/\/+$/, "");
}

function isSecure(given: URL): boolean {
  const isEncrypted =
    given.protocol === "https:" || (given.protocol === "http:" && isLoopback(given));
  return isEncrypted && given.username === "" && given.password === "";
}

function isLoopback({ hostname }: URL): boolean {
  return isLoopbackName(hostname);
}

function isLoopbackName(host: string): boolean {
  return ["localhost", "::1", "[::1]"].includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function isAddressOrRange(proxy: string): boolean {
  const [address = ""] = proxy.split("/");
  // The library alone also accepts `10.1` and `010.0.0.1`, for other addresses than they look like.
  return isIP(address) !== 0 && (address === proxy || ipaddr.isValidCIDR(proxy));
}

/** Whether a process outside sandbox mode keeps its database in a folder of its own. */
export function isLeftToThisMachine(config: {
  DATABASE_URL?: string | undefined;
  SHOPIFY_SANDBOX_URL?: string | undefined;
}): boolean {
  return config.DATABASE_URL === undefined && config.SHOPIFY_SANDBOX_URL === undefined;
}

/**
 * The default folder is usually deleted with the next deploy, and every shop with it: outside
 * sandbox mode, an embedded database must be chosen explicitly.
 */
function isDatabaseUnchosen(given: Environment): boolean {
  return isLeftToThisMachine(given) && given.DATA_DIR === undefined;
}
