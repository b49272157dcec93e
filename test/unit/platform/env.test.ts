import { expect, test } from "vitest";
import { ConfigError, parseEnv, parseRemotes } from "#app/platform/env/env.server.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const OTHER_KEY = Buffer.alloc(32, 8).toString("base64");
const COMPLETE = {
  SHOPIFY_API_KEY: "api-key",
  SHOPIFY_API_SECRET: "current-secret",
  SHOPIFY_APP_URL: "https://pinrelay.example/",
  SCOPES: "read_orders, write_pixels",
  ENCRYPTION_KEYS: `one:${KEY}`,
};
const SANDBOX = { SHOPIFY_SANDBOX_URL: "http://127.0.0.1:4000/" };

function faultsOf(env: Record<string, string>, options?: { forCommand: true }): string[] {
  try {
    if (options === undefined) parseEnv(env);
    else parseEnv(env, options);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
}

test("an environment with the secrets alone has a default for all the rest", () => {
  expect(parseEnv(COMPLETE)).toEqual({
    PORT: 3000,
    HOST: "0.0.0.0",
    PINRELAY_ROLE: "all",
    DATA_DIR: ".data",
    SHOPIFY_API_KEY: "api-key",
    SHOPIFY_API_SECRETS: ["current-secret"],
    SHOPIFY_APP_URL: "https://pinrelay.example",
    SCOPES: ["read_orders", "write_pixels"],
    PINTEREST_API_URL: "https://api.pinterest.com/v5",
    PINTEREST_OAUTH_URL: "https://www.pinterest.com/oauth/",
    ENCRYPTION_KEYS: [{ id: "one", key: Buffer.alloc(32, 7) }],
    TRUST_PROXY: [],
    KEEP_ALIVE_SECONDS: 75,
    MAX_CONNECTIONS: 4_000,
    LINGER_SECONDS: 10,
    LOG_LEVEL: "info",
    PINRELAY_BILLING_CURRENCY: "USD",
    PINRELAY_BILLING_TRIAL_DAYS: 0,
  });
});

test("outside sandbox mode nothing starts without secrets, and every missing one is named", () => {
  const missing = [
    "ENCRYPTION_KEYS is missing",
    "SHOPIFY_API_KEY is missing",
    "SHOPIFY_API_SECRET is missing",
    "SHOPIFY_APP_URL is missing",
    "SCOPES is missing",
  ];
  expect(faultsOf({}).sort()).toEqual(missing.sort());
  const empty = Object.fromEntries(Object.keys(COMPLETE).map((name) => [name, " "]));
  expect(faultsOf({ ...empty, PINRELAY_ROLE: "worker" }).sort()).toEqual(missing.sort());
});

test("every faulty variable is named at once, with what it should be and without its value", () => {
  const faulty = {
    PORT: "80a",
    PINRELAY_ROLE: "boss",
    DATABASE_URL: "mysql://user:sesame@host/db",
    SHOPIFY_API_SECRET: "sesame1,sesame2,sesame3",
    SHOPIFY_APP_URL: "http://pinrelay.example",
    PINTEREST_API_URL: "http://api.pinterest.com",
    PINTEREST_OAUTH_URL: "nonsense",
    PINTEREST_CLIENT_ID: "1234",
    ENCRYPTION_KEYS: "one:sesame",
    TRUST_PROXY: "10.0.0.0/33",
    LOG_LEVEL: "loud",
  };
  const faults = faultsOf({ ...COMPLETE, ...faulty });
  const named = faults.map((line) => line.split(" ", 1)[0]).sort();
  expect(named).toEqual(
    Object.keys({ ...faulty, PINTEREST_CLIENT_SECRET: "" })
      .filter((name) => name !== "PINTEREST_CLIENT_ID")
      .sort(),
  );
  for (const fault of faults) expect(fault).toMatch(/^[A-Z_]+ (must be \w+|is missing, while)/);
  expect(faults.join()).not.toMatch(/sesame|80a|boss|loud|1234/);
});

test("sandbox mode has a default for everything and listens on this machine only", () => {
  const config = parseEnv({ ...SANDBOX, PORT: "3100" });
  expect(config.HOST).toBe("127.0.0.1");
  expect(config.SHOPIFY_SANDBOX_URL).toBe("http://127.0.0.1:4000");
  expect(config.SHOPIFY_APP_URL).toBe("http://127.0.0.1:3100");
  expect(config.SHOPIFY_API_KEY).toBe("sandbox-key");
  expect(config.SHOPIFY_API_SECRETS).toEqual(["sandbox-secret"]);
  expect(config.SCOPES.length).toBeGreaterThan(0);
  expect(config.ENCRYPTION_KEYS).toEqual(parseEnv(SANDBOX).ENCRYPTION_KEYS);
  expect(config.ENCRYPTION_KEYS[0].key).toHaveLength(32);
});

test("sandbox mode with a host that is not this machine is refused", () => {
  for (const host of ["shopify.com", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0"]) {
    const faults = faultsOf({ SHOPIFY_SANDBOX_URL: `http://${host}:4000` });
    expect(faults).toEqual([expect.stringContaining("SHOPIFY_SANDBOX_URL must be")]);
  }
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) {
    expect(faultsOf({ SHOPIFY_SANDBOX_URL: `http://${host}:4000` })).toEqual([]);
  }
});

test("a command needs the keys and no secret of Shopify", () => {
  const config = parseEnv({ ENCRYPTION_KEYS: `one:${KEY}` }, { forCommand: true });
  expect(config.PINTEREST_API_URL).toBe("https://api.pinterest.com/v5");
  expect(config).not.toHaveProperty("SHOPIFY_API_KEY");
  expect(faultsOf({}, { forCommand: true })).toEqual(["ENCRYPTION_KEYS is missing"]);
});

test("while a secret is rotated the current one comes first, then the previous one", () => {
  const config = parseEnv({ ...COMPLETE, SHOPIFY_API_SECRET: "new-secret, old-secret" });
  expect(config.SHOPIFY_API_SECRETS).toEqual(["new-secret", "old-secret"]);
});

test("keys are taken in order, and a short, doubled or nameless one is refused", () => {
  const keys = `two:${OTHER_KEY},one:${KEY}`;
  expect(parseEnv({ ...COMPLETE, ENCRYPTION_KEYS: keys }).ENCRYPTION_KEYS).toEqual([
    { id: "two", key: Buffer.alloc(32, 8) },
    { id: "one", key: Buffer.alloc(32, 7) },
  ]);
  const short = Buffer.alloc(31).toString("base64");
  for (const bad of [`one:${short}`, `one:${KEY},one:${OTHER_KEY}`, `:${KEY}`, KEY, `${keys},`]) {
    expect(faultsOf({ ...COMPLETE, ENCRYPTION_KEYS: bad })).toEqual([
      expect.stringContaining("ENCRYPTION_KEYS must be"),
    ]);
  }
});

test("trusted proxies may be addresses and ranges of both kinds", () => {
  const proxies = "10.0.0.0/8, 192.0.2.7,2001:db8::/32,::1";
  expect(parseEnv({ ...COMPLETE, TRUST_PROXY: proxies }).TRUST_PROXY).toEqual([
    "10.0.0.0/8",
    "192.0.2.7",
    "2001:db8::/32",
    "::1",
  ]);
});

test("Pinterest is reached without encryption on this machine only", () => {
  const url = "http://127.0.0.1:4100/v5";
  expect(parseEnv({ ...COMPLETE, PINTEREST_API_URL: url }).PINTEREST_API_URL).toBe(url);
});

test("a task with a token of its own needs no variable, and trusts no faulty one", () => {
  expect(parseRemotes({ SHOPIFY_SANDBOX_URL: " " })).toEqual({
    PINTEREST_API_URL: "https://api.pinterest.com/v5",
  });
  expect(() => parseRemotes({ PINTEREST_API_URL: "http://pinterest.example/v5" })).toThrow(
    /PINTEREST_API_URL must be a URL that starts with https/,
  );
});
