import { expect, test } from "vitest";
import { describeDatabaseFault } from "#app/platform/env/describe-start-fault.server.ts";
import { ConfigError, parseEnv, parseRemotes } from "#app/platform/env/env.server.ts";
import { findSignals } from "#app/platform/env/telemetry-env.server.ts";

const KEY_BYTES = Buffer.from("a key of 32 bytes, for the tests");
const KEY = KEY_BYTES.toString("base64");
const OTHER_KEY_BYTES = Buffer.from("another one of 32 bytes, as well");
const OTHER_KEY = OTHER_KEY_BYTES.toString("base64");
const COMPLETE = {
  SHOPIFY_API_KEY: "api-key",
  SHOPIFY_API_SECRET: "current-secret-of-the-app",
  SHOPIFY_APP_URL: "https://pinrelay.example/",
  SCOPES: "read_orders, write_pixels",
  ENCRYPTION_KEYS: `one:${KEY}`,
};
const SANDBOX = { SHOPIFY_SANDBOX_URL: "http://127.0.0.1:4000/" };

const TELEMETRY = {
  OTEL_SDK_DISABLED: "false",
  OTEL_TRACES_SAMPLER: "parentbased_always_on",
  OTEL_TRACES_SAMPLER_ARG: 1,
  OTEL_BSP_SCHEDULE_DELAY: 5_000,
  OTEL_METRIC_EXPORT_INTERVAL: 60_000,
};

const NO_KEYS =
  "ENCRYPTION_KEYS is missing: id:base64 of 32 bytes, more of them after commas, every id once";
const NO_SECRET = "SHOPIFY_API_SECRET is missing: the secret of the app at Shopify";

function faultsOf(
  env: Record<string, string>,
  options?: { forCommand: true } | { serves: true },
): string[] {
  try {
    if (options !== undefined && "forCommand" in options) parseEnv(env, options);
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
    ...TELEMETRY,
    PORT: 3000,
    HOST: "0.0.0.0",
    PINRELAY_ROLE: "all",
    DATA_DIR: ".data",
    SHOPIFY_API_KEY: "api-key",
    SHOPIFY_API_SECRETS: ["current-secret-of-the-app"],
    SHOPIFY_APP_URL: "https://pinrelay.example",
    SCOPES: ["read_orders", "write_pixels"],
    PINTEREST_API_URL: "https://api.pinterest.com/v5",
    PINTEREST_OAUTH_URL: "https://www.pinterest.com/oauth/",
    ENCRYPTION_KEYS: [{ id: "one", key: KEY_BYTES }],
    TRUST_PROXY: [],
    KEEP_ALIVE_SECONDS: 75,
    MAX_CONNECTIONS: 4_000,
    LINGER_SECONDS: 10,
    LOG_LEVEL: "info",
    PINRELAY_BILLING_CURRENCY: "USD",
    PINRELAY_BILLING_TRIAL_DAYS: 0,
  });
});

test.each(["https://pinrelay.example", "127.0.0.1/x", "a b", "me@host"])(
  "a HOST that is no host is refused: %s",
  (HOST) => {
    expect(faultsOf({ ...COMPLETE, HOST })).toEqual([
      "HOST must be an address or a host name of this machine, without http:// and without a port",
    ]);
  },
);

test("outside sandbox mode nothing starts without secrets, and every missing one is named", () => {
  const missing = [
    NO_KEYS,
    "SHOPIFY_API_KEY is missing: the client ID of the app at Shopify",
    NO_SECRET,
    "SHOPIFY_APP_URL is missing: the address of the app, with https:// and without a path",
    "SCOPES is missing: the access scopes that shopify.app.toml asks for",
  ];
  expect(faultsOf({}).sort()).toEqual(missing.sort());
  const noDatabase = expect.stringMatching(/^DATABASE_URL is missing: set it to a Postgres/);
  const place = { DATA_DIR: "/var/pinrelay" };
  expect(faultsOf({}, { serves: true })).toEqual([...faultsOf({}), noDatabase]);
  expect(faultsOf({ ...COMPLETE, DATA_DIR: " " }, { serves: true })).toEqual([noDatabase]);
  expect(faultsOf({ ...COMPLETE, ...place }, { serves: true })).toEqual([]);
  expect(faultsOf(SANDBOX, { serves: true })).toEqual([]);
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
  expect(faultsOf({}, { forCommand: true })).toEqual([NO_KEYS]);
});

test("while a secret is rotated the current one comes first, then the previous one", () => {
  const config = parseEnv({
    ...COMPLETE,
    SHOPIFY_API_SECRET: "new-secret-of-the-app, old-secret-of-the-app",
  });
  expect(config.SHOPIFY_API_SECRETS).toEqual(["new-secret-of-the-app", "old-secret-of-the-app"]);
});

test("keys are taken in order, and a short, doubled or nameless one is refused", () => {
  const keys = `two:${OTHER_KEY},one:${KEY}`;
  expect(parseEnv({ ...COMPLETE, ENCRYPTION_KEYS: keys }).ENCRYPTION_KEYS).toEqual([
    { id: "two", key: OTHER_KEY_BYTES },
    { id: "one", key: KEY_BYTES },
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

test("secrets that can be guessed are refused wherever others can reach the app", () => {
  const secret = [expect.stringContaining("SHOPIFY_API_SECRET must be the secret of the app")];
  const key = [expect.stringContaining("ENCRYPTION_KEYS must be random keys")];
  for (const weak of ["s", "sandbox-secret", "x".repeat(15), `${"x".repeat(40)},short`]) {
    expect(faultsOf({ ...COMPLETE, SHOPIFY_API_SECRET: weak })).toEqual(secret);
  }
  const sandboxKey = Buffer.from("pinrelay sandbox key, no secret!").toString("base64");
  const repeated = [Buffer.alloc(32), Buffer.alloc(32, 7)].map((b) => `k:${b.toString("base64")}`);
  for (const keys of [...repeated, `k:${sandboxKey}`, `new:${KEY},old:${sandboxKey}`]) {
    expect(faultsOf({ ...COMPLETE, ENCRYPTION_KEYS: keys })).toEqual(key);
  }
});

test("a sandbox that others can reach has no default for a secret, and none that is known", () => {
  const known = parseEnv(SANDBOX);
  for (const HOST of ["0.0.0.0", "192.168.1.5", "::", "sandbox.example"]) {
    expect(faultsOf({ ...SANDBOX, HOST }).sort()).toEqual([NO_KEYS, NO_SECRET]);
    const given = {
      SHOPIFY_API_SECRET: known.SHOPIFY_API_SECRETS[0],
      ENCRYPTION_KEYS: `k:${known.ENCRYPTION_KEYS[0].key.toString("base64")}`,
    };
    expect(faultsOf({ ...SANDBOX, HOST, ...given })).toHaveLength(2);
    const own = { SHOPIFY_API_SECRET: COMPLETE.SHOPIFY_API_SECRET, ENCRYPTION_KEYS: `k:${KEY}` };
    expect(faultsOf({ ...SANDBOX, HOST, ...own })).toEqual([]);
  }
  for (const HOST of ["localhost", "::1", "127.0.0.2"]) {
    expect(faultsOf({ ...SANDBOX, HOST })).toEqual([]);
  }
});

test("no address is reached without encryption but on this machine, nor holds a user name", () => {
  for (const name of ["PINTEREST_OAUTH_URL", "PINTEREST_API_URL", "SHOPIFY_APP_URL"]) {
    for (const url of ["http://evil.example/", "https://me:sesame@host.example/", "ftp://a.b/"]) {
      expect(faultsOf({ ...COMPLETE, [name]: url })).toEqual([
        expect.stringMatching(`^${name} must be a URL that starts with https://`),
      ]);
    }
    expect(faultsOf({ ...COMPLETE, [name]: "http://127.0.0.1:9/" })).toEqual([]);
  }
  for (const url of ["https://a.example/app", "https://a.example/?x=1", "https://a.example/#x"]) {
    expect(faultsOf({ ...COMPLETE, SHOPIFY_APP_URL: url })).toHaveLength(1);
  }
});

test.each([
  [{}, { traces: false, metrics: false }],
  [{ OTEL_SERVICE_NAME: "pinrelay" }, { traces: false, metrics: false }],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" }, { traces: true, metrics: true }],
  [{ OTEL_TRACES_EXPORTER: "otlp" }, { traces: true, metrics: false }],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_METRICS_EXPORTER: "none" },
    { traces: true, metrics: false },
  ],
  [
    { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://127.0.0.1:4318/v1/metrics" },
    { traces: false, metrics: true },
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_SDK_DISABLED: "true" },
    { traces: false, metrics: false },
  ],
])("with %o the export is %o", (env, signals) => {
  expect(findSignals(parseEnv({ ...COMPLETE, ...env }))).toEqual(signals);
});

test("a variable of OpenTelemetry that cannot be followed is named", () => {
  const wrong = {
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317",
    OTEL_TRACES_SAMPLER: "often",
    OTEL_TRACES_SAMPLER_ARG: "2",
  };
  expect(faultsOf({ ...COMPLETE, ...wrong })).toHaveLength(4);
});

test.each([
  [{ message: "The server does not support SSL connections" }, "it speaks no TLS"],
  [{ code: "DEPTH_ZERO_SELF_SIGNED_CERT" }, "its TLS certificate is not trusted (DEPTH_ZERO"],
  [{ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }, "its TLS certificate is not trusted"],
  [{ code: "CERT_HAS_EXPIRED" }, "its TLS certificate is not trusted (CERT_HAS_EXPIRED)"],
  [{ code: "ERR_TLS_CERT_ALTNAME_INVALID" }, "its TLS certificate is not trusted (ERR_TLS"],
  [{ code: "SELF_SIGNED_CERT_IN_CHAIN" }, "its TLS certificate is not trusted (SELF_SIGNED"],
  [{ code: "ERR_SSL_WRONG_VERSION_NUMBER" }, "TLS to it failed (ERR_SSL_WRONG_VERSION_NUMBER)"],
  [{ code: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE" }, "TLS to it failed (ERR_SSL_SSLV3"],
  [{ code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" }, "TLS to it failed (ERR_SSL_TLSV13"],
  [
    { message: "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string" },
    "it asks for a password, and DATABASE_URL has none",
  ],
])("a database that refuses us before a query is named with what to do: %o", (fault, said) => {
  const error = Object.assign(new Error(), fault);
  const place = { DATABASE_URL: "postgresql://h/d?sslmode=verify-full", DATA_DIR: ".data" };
  expect(describeDatabaseFault(error, place)).toContain(
    `The database that DATABASE_URL names cannot be used: ${said}`,
  );
});

test("scopes are names of scopes", () => {
  expect(faultsOf({ ...COMPLETE, SCOPES: "read_orders;write_pixels" })).toEqual([
    "SCOPES must be access scopes such as read_orders, separated by commas",
  ]);
});
