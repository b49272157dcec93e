import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import { authenticateApiKey } from "#app/shops/api-keys.server.ts";
import { auditOf } from "#test/integration/shops/shop-fixture.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop } from "#test/support/outbox-fixture.ts";
import { type CliRun, runCli } from "./run-cli.ts";

const key = randomBytes(32);
let db: TestDatabase;
let keyring: Keyring;
let domain: string;

beforeAll(async () => {
  db = await openTestDatabase();
  keyring = createKeyring([{ id: "k1", key }]);
  ({ domain } = await makeShop({ db, keyring }, { adAccountId: null }));
});
afterAll(() => db.close());

function shopCommand(name: string, ...more: string[]): Promise<CliRun> {
  const env = { DATABASE_URL: db.url, ENCRYPTION_KEYS: `k1:${key.toString("base64")}` };
  return runCli(["shop", name, "--shop", domain, ...more], env);
}

test("a key is made with a name, found in the list by it, and revoked by its number", async () => {
  const made = (await shopCommand("api-key", "--name", "till", "--json")).json();
  expect(made).toEqual({ shop: domain, api_key: expect.stringMatching(/^prk_[\w-]{43}$/) });
  const listed = (await shopCommand("api-keys", "--json")).json();
  expect(listed).toEqual({
    shop: domain,
    api_keys: [
      {
        id: expect.stringMatching(/^\d+$/),
        name: "till",
        scopes: ["send", "read"],
        created_at: expect.any(String),
        last_used_at: null,
        revoked_at: null,
      },
    ],
  });
  const { id } = listed.api_keys[0];
  expect((await shopCommand("api-keys")).stdout).toMatch(
    new RegExp(`^${id} +till .* never +no`, "m"),
  );
  const revoked = await shopCommand("revoke-api-key", "--key", id, "--json");
  expect(revoked).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await authenticateApiKey({ db }, made.api_key)).toEqual({ kind: "unknown" });
  expect((await shopCommand("api-keys", "--json")).json().api_keys[0]).toMatchObject({
    id,
    revoked_at: expect.any(String),
  });
  const again = await shopCommand("revoke-api-key", "--key", id, "--json");
  expect([again.exitCode, again.json().error.code]).toEqual([1, "not_found"]);
});

test("a key is made for what it is to do, which the list and the audit log name", async () => {
  const { exitCode } = await shopCommand("api-key", "--name", "board", "--scope", "read");
  expect(exitCode).toBe(0);
  const { api_keys: keys } = (await shopCommand("api-keys", "--json")).json();
  expect(keys[0]).toMatchObject({ name: "board", scopes: ["read"] });
  expect((await shopCommand("api-keys")).stdout).toMatch(/ board +read +2/);
  const [made] = (await auditOf(db, domain)).slice(-1);
  expect(made).toMatchObject({ action: "api_key.create", after: { scopes: "read" } });
  const wrong = await shopCommand("api-key", "--scope", "write");
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("send, read")]);
});

test("the secret that signs callbacks is printed, the same each time", async () => {
  const first = await shopCommand("callback-secret");
  expect(first.stdout).toMatch(/^whsec_[A-Za-z0-9+/]{32}\n$/);
  const second = (await shopCommand("callback-secret", "--json")).json();
  expect(second).toEqual({ shop: domain, callback_secret: first.stdout.trim() });
});
