import { randomBytes } from "node:crypto";
import { Session } from "@shopify/shopify-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rotateKeys, sealedColumns, showKeys } from "#app/commands/encryption-keys.server.ts";
import { visitKey } from "#app/events/visit.ts";
import { parseEncryptionKeys } from "#app/platform/env/secrets.server.ts";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import { INSTALLATION } from "#app/platform/keys/data-keys.server.ts";
import { checkEncryptionKeys } from "#app/platform/keys/key-needs.server.ts";
import { rewrapDataKeys, type SealedColumn } from "#app/platform/keys/rotate-keys.server.ts";
import { createWrappingKeys } from "#app/platform/keys/wrapping-keys.server.ts";
import { answerIdentity, requestIdentity } from "#app/privacy/privacy-request.server.ts";
import { startSendRun } from "#app/runs/start-run.server.ts";
import { readCallbackSecret } from "#app/shops/callback-secret.server.ts";
import { storeConnection } from "#app/shops/connection/store-connection.server.ts";
import { removeShop } from "#app/shops/remove-shop.server.ts";
import { createSessionStorage } from "#app/shops/session-storage.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { commitEvents, makeShop, purchase } from "#test/support/outbox-fixture.ts";
import { seedVisit } from "#test/support/visit-fixture.ts";

const K1 = `k1:${randomBytes(32).toString("base64")}`;
const K2 = `k2:${randomBytes(32).toString("base64")}`;
const OTHER_K1 = `k1:${randomBytes(32).toString("base64")}`;
const parse = (text: string) => {
  const keys = parseEncryptionKeys(text);
  if (keys === null) throw new Error(`no keys: ${text}`);
  return keys;
};
/** A process that was given these ENCRYPTION_KEYS. */
const processWith = (text: string): Keyring => createKeyring(parse(text));

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
  await checkEncryptionKeys(db.pool, parse(K1));
});
afterAll(() => db.close());

const context = (keys: string) => ({ env: { DATABASE_URL: db.url, ENCRYPTION_KEYS: keys } });

interface Sealed {
  column: SealedColumn;
  row: Record<string, unknown> & { sealed: Buffer };
  identity: string;
  owner: bigint;
}

/** All values of all encrypted columns; `direct`: those from before each shop had a key. */
async function readSealed({ direct = false } = {}): Promise<Sealed[]> {
  const found: Sealed[] = [];
  for (const column of sealedColumns) {
    const version = direct ? "'\\x01'" : "'\\x02'";
    const { rows } = await db.pool.query(column.select.replace("'\\x01'", version));
    for (const row of rows) found.push({ column, row, ...column.bind(row) });
  }
  return found;
}

/** Whether each of these opens in a process with those keys. */
async function whatOpens(keyring: Keyring, values: Sealed[]): Promise<boolean[]> {
  return Promise.all(
    values.map(({ row, identity }) =>
      keyring.decrypt(db.pool, row.sealed, identity).then(
        () => true,
        () => false,
      ),
    ),
  );
}

const FACTS = {
  adAccountId: "549755885175",
  accountName: null,
  accountCurrency: null,
  kind: "sign_in",
  token: "pina_token",
  tokenExpiresAt: null,
  refreshToken: "pinr_refresh",
  refreshExpiresAt: null,
  conversionToken: "pina_conversion",
  scopes: "",
  signedInAs: null,
} as const;

/** A shop with a value in every encrypted column. */
async function fullShop(keyring: Keyring) {
  const services = { db, keyring };
  const shop = await makeShop(services);
  const how = { actor: "test", earlier: "send", liftsPause: true } as const;
  await db.transaction((client) => storeConnection(client, keyring, shop, FACTS, how));
  await db.pool.query(
    `insert into pinterest_sign_in (shop_id, token, token_expires_at, refresh_token, conversion_token, scopes)
      values ($1, $2, now(), $3, $4, '')`,
    [
      shop.id.toString(),
      ...(await Promise.all(
        ["token", "refresh_token", "conversion_token"].map((column) =>
          keyring.encrypt(db.pool, shop.id, "pina", `pinterest_sign_in.${column}:${shop.domain}`),
        ),
      )),
    ],
  );
  await readCallbackSecret(services, shop.domain);
  const session = { id: `offline_${shop.domain}`, shop: shop.domain, state: "", isOnline: false };
  await createSessionStorage(services).storeSession(new Session(session));
  await addRequest(keyring, shop);
  await commitEvents(services, shop, [purchase("1"), purchase("2")]);
  await seedVisit(services, { shopId: shop.id, key: visitKey("checkout", "token-1") });
  const queue = { send: async () => {} };
  const rows = [{ place: 0, mapped: purchase("3") }];
  await startSendRun({ db, keyring, queue }, { shop, actor: "test" }, rows, [], "f.json");
  return shop;
}

async function addRequest(keyring: Keyring, { id, domain }: { id: bigint; domain: string }) {
  const body = await keyring.encrypt(db.pool, id, "{}", requestIdentity(domain, "w"));
  const { rows } = await db.pool.query<{ id: bigint }>(
    `insert into compliance_request (shop_domain, topic, webhook_id, state, body)
      values ($1, 'customers/redact', 'w', 'recorded', $2) returning id`,
    [domain, body],
  );
  const [request] = rows;
  if (request === undefined) throw new Error("no request");
  const answer = await keyring.encrypt(db.pool, id, "{}", answerIdentity(domain, request.id));
  await db.pool.query("update compliance_request set answer = $2 where id = $1", [
    request.id.toString(),
    answer,
  ]);
}

/** Puts everything in the form in which it was stored before each shop had a key. */
async function goBack(keys: string): Promise<number> {
  const [keyring, wrapping] = [processWith(keys), createWrappingKeys(parse(keys))];
  const values = await readSealed();
  for (const { column, row, identity } of values) {
    const { sealed, ...key } = row;
    const plain = await keyring.decrypt(db.pool, sealed, identity);
    const fresh = wrapping.wrap(plain, identity).toString("hex");
    const given = { ...key, old: sealed.toString("hex"), fresh };
    await db.pool.query(column.replace, [
      JSON.stringify([given], (_, value) => (typeof value === "bigint" ? `${value}` : value)),
    ]);
  }
  await db.pool.query("update installation_key set direct_key_ids = '{k1}'");
  return values.length;
}

describe("a data key", () => {
  test("is the same for two processes that need it first at the same moment", async () => {
    const shop = await makeShop({ db, keyring: processWith(K1) }, { adAccountId: null });
    const processes = Array.from({ length: 4 }, () => processWith(K1));
    const sealed = await Promise.all(
      processes.map((keyring) => keyring.encrypt(db.pool, shop.id, "x", "row")),
    );
    for (const bytes of sealed) {
      const opened = await processWith(K1).decrypt(db.pool, bytes, "row");
      expect(opened.toString()).toBe("x");
    }
  });

  test("that was made in a transaction which failed is used no more", async () => {
    const keyring = processWith(K1);
    const shop = await makeShop({ db, keyring }, { adAccountId: null });
    const failing = db.transaction(async (client) => {
      await keyring.ensure(client, [shop.id]);
      await keyring.ensure(client, [shop.id]);
      throw new Error("rolled back");
    });
    await expect(failing).rejects.toThrow("rolled back");
    const sealed = await keyring.encrypt(db.pool, shop.id, "x", "row");
    expect(String(await processWith(K1).decrypt(db.pool, sealed, "row"))).toBe("x");
  });

  test("goes with its shop: a copy of a row is unreadable then, whoever has ENCRYPTION_KEYS", async () => {
    const shop = await fullShop(processWith(K1));
    const copies = (await readSealed()).filter(({ owner }) => owner === shop.id);
    expect(copies.length).toBeGreaterThan(10);
    expect(await whatOpens(processWith(K1), copies)).not.toContain(false);
    await db.pool.query("update shop set state = 'uninstalled' where id = $1", [
      shop.id.toString(),
    ]);
    expect(await removeShop({ db }, shop)).toBe(true);
    expect(await whatOpens(processWith(K1), copies)).not.toContain(true);
    await db.pool.query("delete from event_payload where shop_id = $1", [shop.id.toString()]);
    await db.pool.query("delete from visit where shop_id = $1", [shop.id.toString()]);
    await db.pool.query("delete from compliance_request where shop_domain = $1", [shop.domain]);
  });

  test("makes digests of its own, the same in every process and after a rotation", async () => {
    const services = { db, keyring: processWith(K1) };
    const none = { adAccountId: null };
    const [shop, other] = [await makeShop(services, none), await makeShop(services, none)];
    const of = async (keys: string, { id }: { id: bigint }, text: string) =>
      (await processWith(keys).ensure(db.pool, [id])).digest(id, text);
    const digest = await of(K1, shop, "em 1");
    expect(digest).toMatch(/^-?\d{10,19}$/);
    expect(await of(K1, shop, "em 2")).not.toBe(digest);
    expect(await of(K1, other, "em 1")).not.toBe(digest);
    await rewrapDataKeys(db.pool, createWrappingKeys(parse(`${K2},${K1}`)));
    expect(await of(`${K2},${K1}`, shop, "em 1")).toBe(digest);
    await rewrapDataKeys(db.pool, createWrappingKeys(parse(`${K1},${K2}`)));
  });

  test("is made by no process whose keys are not those of the database", async () => {
    const shop = await makeShop({ db, keyring: processWith(K1) }, { adAccountId: null });
    const making = processWith(OTHER_K1).ensure(db.pool, [shop.id]);
    await expect(making).rejects.toMatchObject({ code: "does_not_open" });
    const { rowCount } = await db.pool.query("select from shop_key where shop_id = $1", [
      shop.id.toString(),
    ]);
    expect(rowCount).toBe(0);
  });
});

describe("a rotation", () => {
  test("encrypts rows from before each shop had a key, and then the old key may go", async () => {
    await fullShop(processWith(K1));
    const all = await goBack(K1);
    const before = await readSealed({ direct: true });
    expect(new Set(before.map(({ column }) => column))).toEqual(new Set(sealedColumns));
    expect(await whatOpens(processWith(`${K2},${K1}`), before)).not.toContain(false);
    await expect(checkEncryptionKeys(db.pool, parse(K2))).rejects.toThrow(
      /lacks the key k1, which is still needed by \d+ shops? and this installation's own data and rows from before/,
    );
    const early = await showKeys(context(`${K2},${K1}`));
    expect(early.text).toMatch(/k1 is still needed by \d+ shops? and/);
    const rotated = await rotateKeys(context(`${K2},${K1}`));
    expect(rotated).toMatchObject({
      exitCode: 0,
      json: { ok: true, resealed: all, locked: 0, busy: 0, keys: [{}, { may_be_removed: true }] },
    });
    expect(rotated.text).toContain("k1 may be removed from ENCRYPTION_KEYS.");
    await checkEncryptionKeys(db.pool, parse(K2));
    const after = await readSealed();
    expect(after).toHaveLength(all);
    expect(await whatOpens(processWith(K2), after)).not.toContain(false);
    const again = await rotateKeys(context(K2));
    expect(again.json).toMatchObject({ rewrapped: 0, resealed: 0 });
  });

  test("loses nothing while webhooks come and shops are installed, however often it is stopped or begun", async () => {
    await rotateKeys(context(`${K2},${K1}`));
    const newest = `k3:${randomBytes(32).toString("base64")}`;
    // One process was started again with the new key in front, the other one not yet.
    const processes = [processWith(`${K2},${newest}`), processWith(`${newest},${K2}`)];
    // More than a page.
    await db.pool.query(
      `insert into shop (domain, lane, state, scopes, pixel_key)
        select 'many-' || n || '.myshopify.com', 1, 'installed', '', 'many-' || n
        from generate_series(1, 1200) n`,
    );
    const { rows } = await db.pool.query<{ id: bigint }>(
      "select id from shop where domain like 'many-%'",
    );
    await processWith(K2).ensure(
      db.pool,
      rows.map(({ id }) => id),
    );
    let isOver = false;
    let sent = 0;
    const traffic = processes.map(async (keyring) => {
      const shop = await makeShop({ db, keyring });
      while (!isOver) {
        sent += 1;
        await commitEvents({ db, keyring }, shop, [purchase(`t-${sent}`)]);
        await commitEvents({ db, keyring }, await makeShop({ db, keyring }), [purchase("1")]);
      }
      return { shop, keyring };
    });
    let pages = 0;
    const stopping = {
      query: (async (text: string, values: unknown[]) => {
        if (text.includes("with given")) pages += 1;
        if (pages === 2) throw new Error("stopped");
        return db.pool.query(text, values);
      }) as typeof db.pool.query,
    };
    const wrapping = createWrappingKeys(parse(`${newest},${K2}`));
    await expect(rewrapDataKeys(stopping, wrapping)).rejects.toThrow("stopped");
    expect((await showKeys(context(`${newest},${K2}`))).text).toMatch(/k2 is still needed by/);
    await expect(checkEncryptionKeys(db.pool, parse(newest))).rejects.toThrow(/lacks the key k2/);
    // Two operators at once.
    const both = [1, 2].map(() => rotateKeys(context(`${newest},${K2}`)));
    expect((await Promise.all(both)).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    isOver = true;
    const [old] = await Promise.all(traffic);
    const rotated = await rotateKeys(context(`${newest},${K2}`));
    expect(rotated.text).toContain("k2 may be removed from ENCRYPTION_KEYS.");
    // A process that has the data keys in memory goes on as before.
    if (old !== undefined) await commitEvents({ ...old, db }, old.shop, [purchase("last")]);
    const values = await readSealed();
    expect(values.length).toBeGreaterThan(sent);
    expect(await whatOpens(processWith(newest), values)).not.toContain(false);
  });
});

test("a key under the right name with other bytes is refused, and what needs it is named", async () => {
  const { rows } = await db.pool.query("select distinct key_id as id from shop_key");
  const ids = rows.map(({ id }) => id as string);
  const wrong = ids.map((id) => `${id}:${randomBytes(32).toString("base64")}`).join(",");
  await expect(checkEncryptionKeys(db.pool, parse(wrong))).rejects.toThrow(
    `The key ${ids.sort()[0]} in ENCRYPTION_KEYS is not the one that this database was encrypted with`,
  );
  await expect(processWith(wrong).encrypt(db.pool, INSTALLATION, "x", "y")).rejects.toThrow();
});

test("every encrypted column of the schema is one that a rotation knows", async () => {
  const { rows } = await db.pool.query<{ name: string }>(
    `select c.relname || '.' || a.attname as name from pg_attribute a
      join pg_class c on c.oid = a.attrelid and c.relnamespace = 'public'::regnamespace
        and c.relkind in ('r', 'p') and not c.relispartition
      where a.atttypid = 'bytea'::regtype and not a.attisdropped order by 1`,
  );
  const others = ["installation_key.wrapped", "redacted_source.digest", "shop_key.wrapped"];
  const known = [...sealedColumns.map(({ name }) => name), ...others];
  expect(rows.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
});
