import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import { finishSignIn } from "#app/shops/connection/finish-sign-in.server.ts";
import { listAdAccounts } from "#app/shops/connection/list-ad-accounts.server.ts";
import { readConnection } from "#app/shops/connection/read-connection.server.ts";
import { beginSignIn, handleSignInAnswer } from "#app/shops/connection/sign-in-attempt.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { strangeKeyring, testKeyring } from "#test/support/outbox-fixture.ts";
import { auditOf } from "./shop-fixture.ts";
import {
  addAccounts,
  connectionRow,
  consent,
  newShop,
  OWNER,
  type SignInServices,
  signIn,
  signInServices,
} from "./sign-in-fixture.ts";

let db: Database;
let local: LocalPinterest;
let services: SignInServices;
const keyring = testKeyring();

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  local = await startLocalPinterest();
  addAccounts(local);
  services = signInServices({ db, keyring }, local);
});
afterEach(async () => {
  await services.pinterest.close();
  await local.close();
});

const MINUTE_MS = 60_000;

async function begun(shop: { id: bigint; domain: string }): Promise<string> {
  return (await beginSignIn(services, shop, OWNER)) ?? "";
}

async function grantOf(answer: URLSearchParams): Promise<string> {
  const back = await handleSignInAnswer(services, answer);
  return new URL(back ?? "").searchParams.get("sign_in") ?? "";
}

/** Everything that a sign-in may write. */
async function written(): Promise<unknown> {
  const { rows } = await db.pool.query(
    `select (select count(*) from sign_in_attempt) as attempts,
      (select count(*) from pinterest_sign_in) as sign_ins,
      (select count(*) from connection) as connections,
      (select count(*) from audit_entry) as entries`,
  );
  return rows[0];
}

test("the merchant is asked at Pinterest for three rights, and sent back to the page that asked", async () => {
  const shop = await newShop(db);
  const address = new URL(await begun(shop));
  expect(address.searchParams.get("scope")).toBe("ads:read,ads:write,user_accounts:read");
  expect(address.searchParams.get("redirect_uri")).toBe("https://app.example/pinterest/callback");
  const back = await handleSignInAnswer(services, await consent(address.href, "allow"));
  const store = shop.domain.replace(".myshopify.com", "");
  expect(back).toContain(
    `https://admin.shopify.com/store/${store}/apps/app-key/app/settings/connection?sign_in=`,
  );
});

test("a sign-in gives tokens for all and for sending alone, and no ad account is chosen unasked", async () => {
  const shop = await newShop(db);
  expect(await signIn(services, shop)).toBe("signed_in");
  const { rows } = await db.pool.query(
    `select scopes, signed_in_as, refresh_token is not null as renews,
        conversion_token is not null as sends_alone,
        round(extract(epoch from token_expires_at - now()) / 86400)::int as days,
        round(extract(epoch from refresh_expires_at - now()) / 86400)::int as renewable_days
      from pinterest_sign_in where shop_id = $1`,
    [shop.id],
  );
  expect(rows).toEqual([
    {
      scopes: "ads:read,ads:write,user_accounts:read",
      signed_in_as: "sandboxowner",
      renews: true,
      sends_alone: true,
      days: 30,
      renewable_days: 60,
    },
  ]);
  expect(await connectionRow(db, shop)).toBeUndefined();
  expect((await auditOf(db, shop.domain)).at(-1)).toMatchObject({
    actor: OWNER,
    action: "connection.sign_in",
  });
});

test("a sign-in that Pinterest gives no token for sending alone works without", async () => {
  local.directory.giveConversionTokens(false);
  const shop = await newShop(db);
  expect(await signIn(services, shop)).toBe("signed_in");
  const { rows } = await db.pool.query(
    "select conversion_token from pinterest_sign_in where shop_id = $1",
    [shop.id],
  );
  expect(rows).toEqual([{ conversion_token: null }]);
});

test("tokens are stored before Pinterest is asked anything with them", async () => {
  const shop = await newShop(db);
  const grant = await grantOf(await consent(await begun(shop), "allow"));
  const stored: number[] = [];
  const { pinterest } = services;
  const watched = {
    ...pinterest,
    createConversionToken: async (query: { token: string }) => {
      const { rowCount } = await db.pool.query("select from pinterest_sign_in where shop_id = $1", [
        shop.id,
      ]);
      stored.push(rowCount ?? 0);
      return pinterest.createConversionToken(query);
    },
  };
  await finishSignIn({ ...services, pinterest: watched }, shop, OWNER, grant);
  expect(stored).toEqual([1]);
});

describe("a state", () => {
  test("that was used before is refused, and nothing is written", async () => {
    const shop = await newShop(db);
    const answer = await consent(await begun(shop), "allow");
    expect(await handleSignInAnswer(services, answer)).not.toBeNull();
    const before = await written();
    expect(await handleSignInAnswer(services, answer)).toBeNull();
    expect(await written()).toEqual(before);
  });

  test("that ran out is refused, and nothing is written", async () => {
    const shop = await newShop(db);
    const answer = await consent(await begun(shop), "allow");
    const before = await written();
    const later = { ...services, nowMs: () => Date.now() + 11 * MINUTE_MS };
    expect(await handleSignInAnswer(later, answer)).toBeNull();
    await db.pool.query("update sign_in_attempt set expires_at = now() - interval '1 second'");
    expect(await handleSignInAnswer(services, answer)).toBeNull();
    expect(await written()).toEqual(before);
  });

  test.each([
    ["none", ""],
    ["made up", "eyJzaG9wIjoiZGVtbyJ9"],
  ])("that is %s is refused, and nothing is written", async (_, state) => {
    const shop = await newShop(db);
    const answer = await consent(await begun(shop), "allow");
    answer.set("state", state);
    const before = await written();
    expect(await handleSignInAnswer(services, answer)).toBeNull();
    expect(await written()).toEqual(before);
  });

  test("that another installation made is refused", async () => {
    const shop = await newShop(db);
    const foreign = { ...services, keyring: strangeKeyring() };
    const answer = await consent((await beginSignIn(foreign, shop, OWNER)) ?? "", "allow");
    expect(await handleSignInAnswer(services, answer)).toBeNull();
  });

  test("is stored in a form that finishes nobody's sign-in", async () => {
    const shop = await newShop(db);
    const state = new URL(await begun(shop)).searchParams.get("state") ?? "";
    const { rows } = await db.pool.query(
      "select nonce_hash from sign_in_attempt where shop_id = $1",
      [shop.id],
    );
    expect(rows[0].nonce_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(Buffer.from(state, "base64url").toString("latin1")).not.toContain(shop.domain);
  });
});

describe("a permission on its way back into the Shopify admin", () => {
  test.each([
    ["another shop", async () => newShop(db), OWNER],
    ["another member of the staff", null, "user:2"],
  ] as const)("is of no use to %s", async (_, other, actor) => {
    const shop = await newShop(db);
    const grant = await grantOf(await consent(await begun(shop), "allow"));
    const asking = other === null ? shop : await other();
    const before = await written();
    expect(await finishSignIn(services, asking, actor, grant)).toBe("used");
    expect(await written()).toEqual(before);
    expect(await finishSignIn(services, shop, OWNER, grant)).toBe("signed_in");
  });

  test("is good once", async () => {
    const shop = await newShop(db);
    const grant = await grantOf(await consent(await begun(shop), "allow"));
    expect(await finishSignIn(services, shop, OWNER, grant)).toBe("signed_in");
    const before = await written();
    expect(await finishSignIn(services, shop, OWNER, grant)).toBe("used");
    expect(await written()).toEqual(before);
  });

  test("changes nothing when Pinterest does not answer", async () => {
    const shop = await newShop(db);
    const grant = await grantOf(await consent(await begun(shop), "allow"));
    local.fail({ kind: "status", status: 503, endpoint: "oauth", times: 1 });
    const before = await written();
    expect(await finishSignIn(services, shop, OWNER, grant)).toBe("failed");
    expect(await written()).toEqual(before);
  });
});

test("a merchant who says no at Pinterest comes back, and nothing has changed", async () => {
  const shop = await newShop(db);
  const back = await handleSignInAnswer(services, await consent(await begun(shop), "deny"));
  expect(back).toMatch(/\/settings\/connection\?sign_in_ended=denied$/);
  expect(await readConnection(services, shop)).toBeNull();
  expect(await listAdAccounts(services, shop)).toEqual({ kind: "none" });
});

test("an installation without an app at Pinterest offers no sign-in", async () => {
  const config = { ...services.config, PINTEREST_CLIENT_ID: undefined };
  expect(await beginSignIn({ ...services, config }, await newShop(db), OWNER)).toBeNull();
});
