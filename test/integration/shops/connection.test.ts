import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import {
  pauseConnection,
  resumeConnection,
} from "#app/shops/connection/pause-connection.server.ts";
import { readSendingConnections } from "#app/shops/connection/read-connection.server.ts";
import { refreshConnection } from "#app/shops/connection/renew-sign-ins.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { testKeyring } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { auditOf, connectionOf } from "./shop-fixture.ts";

let db: Database;
let keyring: Keyring;

beforeAll(async () => {
  db = await openTestDatabase();
  keyring = testKeyring();
});
afterAll(() => db.close());

const TOKEN = "pina_abcdefghijklmnopqrstuvwxyz0123";
const REFRESH_TOKEN = "pinr_abcdefghijklmnopqrstuvwxyz4567";

let shops = 0;
async function connectedShop(refreshToken?: string): Promise<{ id: bigint; domain: string }> {
  shops += 1;
  const domain = `connected-${shops}.myshopify.com`;
  const { id } = await installShop({ db }, { domain });
  await connectAdAccount(
    { db, keyring },
    {
      domain,
      adAccountId: "549755885175",
      token: TOKEN,
      ...(refreshToken !== undefined && { refreshToken }),
      actor: "cli",
    },
  );
  return { id, domain };
}

async function tokenOf(id: bigint): Promise<string | undefined> {
  return (await readSendingConnections({ db, keyring }, [id])).get(id)?.token;
}

test("a token stands nowhere in the database in clear", async () => {
  const { id, domain } = await connectedShop(REFRESH_TOKEN);
  const { rows } = await db.pool.query(
    `select c::text || coalesce((select string_agg(a::text, '') from audit_entry a), '') as everything
      from connection c where shop_id = $1`,
    [id],
  );
  for (const secret of [TOKEN, REFRESH_TOKEN]) {
    expect(rows[0].everything).not.toContain(secret);
    expect(rows[0].everything).not.toContain(Buffer.from(secret).toString("hex"));
  }
  expect((await auditOf(db, domain)).at(-1)).toEqual({
    actor: "cli",
    action: "connection.connect",
    before: null,
    after: { ad_account_id: "549755885175", kind: "sign_in", token_ends_with: "0123" },
  });
  expect(await tokenOf(id)).toBe(TOKEN);
});

test("a token copied to another shop's row does not open there", async () => {
  const [one, other] = [await connectedShop(), await connectedShop()];
  await db.pool.query(
    "update connection set token = (select token from connection where shop_id = $1) where shop_id = $2",
    [one.id, other.id],
  );
  expect((await readSendingConnections({ db, keyring }, [other.id])).get(other.id)).toBeNull();
});

const UNTROUBLED = { trouble: null, isTroubled: false };

test("only active connections of installed shops send", async () => {
  const [active, paused, gone] = [
    await connectedShop(REFRESH_TOKEN),
    await connectedShop(),
    await connectedShop(),
  ];
  const { id: unconnected } = await installShop({ db }, { domain: "bare.myshopify.com" });
  await pauseConnection({ db }, paused.id, "merchant", "cli");
  await uninstallShop({ db }, { domain: gone.domain, triggeredAt: null });
  const connections = await readSendingConnections({ db, keyring }, [
    active.id,
    paused.id,
    gone.id,
    unconnected,
  ]);
  const facts = { token: TOKEN, signInToken: TOKEN, adAccountId: "549755885175" };
  expect(connections).toEqual(new Map([[active.id, { ...facts, ...UNTROUBLED }]]));
});

test("an uninstalled shop sends nothing, whatever its connection says", async () => {
  const { id } = await connectedShop();
  await db.pool.query("update shop set state = 'uninstalled' where id = $1", [id]);
  expect(await tokenOf(id)).toBeUndefined();
});

test("connecting again mends a paused connection and forgets the old tokens", async () => {
  const { id, domain } = await connectedShop(REFRESH_TOKEN);
  await pauseConnection({ db }, id, "unauthorized", "system");
  await connectAdAccount(
    { db, keyring },
    { domain, adAccountId: "549755885999", token: "pina_new", actor: "cli" },
  );
  expect((await readSendingConnections({ db, keyring }, [id])).get(id)).toEqual({
    token: "pina_new",
    signInToken: "pina_new",
    adAccountId: "549755885999",
    ...UNTROUBLED,
  });
  expect((await auditOf(db, domain)).at(-1)).toMatchObject({
    before: { ad_account_id: "549755885175", state: "paused" },
    after: { token_ends_with: null },
  });
});

test("a shop that is not installed cannot be connected", async () => {
  const connecting = connectAdAccount(
    { db, keyring },
    { domain: "never.myshopify.com", adAccountId: "1", token: TOKEN, actor: "cli" },
  );
  await expect(connecting).rejects.toMatchObject({ code: "unknown_shop" });
});

test("the first reason for a pause stands, and resuming lifts it", async () => {
  const { id, domain } = await connectedShop();
  expect(await pauseConnection({ db }, id, "forbidden", "system")).toBe(true);
  expect(await pauseConnection({ db }, id, "merchant", "cli")).toBe(false);
  expect(await connectionOf(db, domain)).toMatchObject({ pause_reason: "forbidden" });
  expect(await resumeConnection({ db }, id, "cli")).toBe(true);
  expect(await resumeConnection({ db }, id, "cli")).toBe(false);
  expect(await connectionOf(db, domain)).toMatchObject({ state: "active", pause_reason: null });
  expect((await auditOf(db, domain)).slice(2).map(({ action }) => action)).toEqual([
    "connection.pause",
    "connection.resume",
  ]);
});

/** Pinterest's token endpoint: a new pair for each call, after `before`. */
function pinterest(before = async () => {}) {
  const asked: string[] = [];
  return {
    asked,
    async refreshOAuthToken(refreshToken: string) {
      asked.push(refreshToken);
      await before();
      const n = asked.length;
      const value = { accessToken: `pina_${n}`, refreshToken: `pinr_${n}`, expiresInSeconds: 60 };
      return { ok: true as const, value };
    },
  };
}

test("ten workers that meet a stale token make one refresh", async () => {
  const { id, domain } = await connectedShop(REFRESH_TOKEN);
  // The first answer comes only when all ten have looked, and nobody holds a connection meanwhile.
  const looks: unknown[] = [];
  const transaction: Database["transaction"] = (work, options) =>
    db.transaction(work, options).finally(() => looks.push(work));
  const client = pinterest(async () => {
    await eventually(async () => looks.length >= 10 && (await openTransactions()) === 0n);
  });
  const results = await Promise.all(
    Array.from({ length: 10 }, () =>
      refreshConnection(
        { db: { pool: db.pool, transaction }, keyring, pinterest: client },
        id,
        TOKEN,
      ),
    ),
  );
  expect(results.sort()).toEqual([...Array(9).fill("changed"), "refreshed"]);
  expect(client.asked).toEqual([REFRESH_TOKEN]);
  expect(await tokenOf(id)).toBe("pina_1");
  expect((await auditOf(db, domain)).at(-1)).toMatchObject({ action: "connection.refresh" });
});

test("the new refresh token is the one that is used next", async () => {
  const { id } = await connectedShop(REFRESH_TOKEN);
  const client = pinterest();
  const services = { db, keyring, pinterest: client };
  await refreshConnection(services, id, TOKEN);
  expect(await refreshConnection(services, id, "pina_1")).toBe("refreshed");
  expect(client.asked).toEqual([REFRESH_TOKEN, "pinr_1"]);
  expect(await tokenOf(id)).toBe("pina_2");
});

async function openTransactions(): Promise<bigint> {
  const { rows } = await db.pool.query<{ n: bigint }>(
    `select count(*) as n from pg_stat_activity where datname = current_database()
      and xact_start is not null and pid <> pg_backend_pid()`,
  );
  return rows[0]?.n ?? 0n;
}

test("a token that the merchant gives meanwhile is not overwritten", async () => {
  const { id, domain } = await connectedShop(REFRESH_TOKEN);
  const client = pinterest(async () => {
    await connectAdAccount(
      { db, keyring },
      { domain, adAccountId: "549755885175", token: "pina_given", actor: "cli" },
    );
  });
  expect(await refreshConnection({ db, keyring, pinterest: client }, id, TOKEN)).toBe("refreshed");
  expect(await tokenOf(id)).toBe("pina_given");
});

test.each([
  ["unauthorized", "refused"],
  ["invalid", "refused"],
  ["rate_limited", "unavailable"],
  ["unavailable", "unavailable"],
  ["unreadable", "unavailable"],
])("a refresh that fails as %s is %s, and the token stays", async (kind, result) => {
  const { id } = await connectedShop(REFRESH_TOKEN);
  const client = { refreshOAuthToken: async () => ({ ok: false as const, error: { kind } }) };
  expect(await refreshConnection({ db, keyring, pinterest: client }, id, TOKEN)).toBe(result);
  expect(await tokenOf(id)).toBe(TOKEN);
});

test("a pasted token has nothing to refresh it with", async () => {
  const { id } = await connectedShop();
  const client = pinterest();
  expect(await refreshConnection({ db, keyring, pinterest: client }, id, TOKEN)).toBe(
    "not_refreshable",
  );
  expect(client.asked).toEqual([]);
});

test("a paused connection is not refreshed", async () => {
  const { id } = await connectedShop(REFRESH_TOKEN);
  await pauseConnection({ db }, id, "merchant", "cli");
  const client = pinterest();
  expect(await refreshConnection({ db, keyring, pinterest: client }, id, TOKEN)).toBe("refused");
  expect(client.asked).toEqual([]);
});
