import { Session } from "@shopify/shopify-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { createSessionStorage } from "#app/shops/session-storage.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { testKeyring } from "#test/support/outbox-fixture.ts";

let db: Database;
let keyring: Keyring;

beforeAll(async () => {
  db = await openTestDatabase();
  keyring = testKeyring();
});
afterAll(() => db.close());

const SHOP = "demo.myshopify.com";

function offlineSession(shop = SHOP, id = `offline_${shop}`): Session {
  return new Session({
    id,
    shop,
    state: "",
    isOnline: false,
    scope: "read_orders",
    accessToken: "shpat_access",
    expires: new Date("2026-11-24T11:00:00.123Z"),
    refreshToken: "shprt_refresh",
    refreshTokenExpires: new Date("2027-02-22T10:00:00Z"),
  });
}

const STAFF = {
  id: 902541635,
  first_name: "Ada",
  last_name: "Lovelace",
  email: "ada@example.com",
  email_verified: true,
  account_owner: true,
  locale: "en",
  collaborator: false,
};

test("a session comes back as it was, with its dates and the member of staff", async () => {
  const storage = createSessionStorage({ db, keyring });
  const online = new Session({
    id: `${SHOP}_902541635`,
    shop: SHOP,
    state: "",
    isOnline: true,
    accessToken: "shpua_online",
    expires: new Date("2026-11-24T11:00:00Z"),
    onlineAccessInfo: {
      expires_in: 3600,
      associated_user_scope: "read_orders",
      associated_user: STAFF,
    },
  });
  for (const session of [offlineSession(), online]) {
    expect(await storage.storeSession(session)).toBe(true);
    const loaded = await storage.loadSession(session.id);
    expect(loaded).toBeInstanceOf(Session);
    expect(loaded?.toObject()).toEqual(session.toObject());
    expect(loaded?.equals(session)).toBe(true);
  }
});

test("neither token nor name nor address of staff stands in the table in clear", async () => {
  const { rows } = await db.pool.query<{ content: Buffer }>("select content from shopify_session");
  const everything = Buffer.concat(rows.map(({ content }) => content)).toString("latin1");
  expect(everything.length).toBeGreaterThan(100);
  for (const secret of ["shpat_", "shprt_", "shpua_", "Lovelace", "ada@example.com"]) {
    expect(everything).not.toContain(secret);
  }
});

test("storing again replaces the session", async () => {
  const storage = createSessionStorage({ db, keyring });
  const session = offlineSession();
  session.accessToken = "shpat_second";
  await storage.storeSession(session);
  expect((await storage.loadSession(session.id))?.accessToken).toBe("shpat_second");
});

test("all sessions of a shop are found, however many", async () => {
  const storage = createSessionStorage({ db, keyring });
  const shop = "crowd.myshopify.com";
  const sessions = Array.from({ length: 60 }, (_, n) => offlineSession(shop, `crowd_${n}`));
  await Promise.all(sessions.map((session) => storage.storeSession(session)));
  expect(await storage.findSessionsByShop(shop)).toHaveLength(60);
  await storage.deleteSession("crowd_0");
  await storage.deleteSessions(["crowd_1", "crowd_2", "never"]);
  expect(await storage.findSessionsByShop(shop)).toHaveLength(57);
  expect(await storage.findSessionsByShop("none.myshopify.com")).toEqual([]);
});

test("a session that does not open counts as none, so that Shopify makes a new one", async () => {
  const storage = createSessionStorage({ db, keyring });
  const shop = "moved.myshopify.com";
  await storage.storeSession(offlineSession(shop));
  await db.pool.query("update shopify_session set id = 'elsewhere' where shop_domain = $1", [shop]);
  expect(await storage.loadSession("elsewhere")).toBeUndefined();
  expect(await storage.loadSession("never")).toBeUndefined();
  expect(await storage.findSessionsByShop(shop)).toEqual([]);
});

test("making the storage asks nothing of the database", () => {
  const storage = createSessionStorage({
    db: {
      get pool(): never {
        throw new RangeError("asked");
      },
    },
    keyring,
  });
  expect(storage).toHaveProperty("loadSession");
});
