import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "#app/platform/db.server.ts";
import { createTestDatabase, openTestDatabase, type TestDatabase } from "#test/support/database.ts";

const SHOP_A = 1n;
const SHOP_B = 2n;

let db: TestDatabase;
/** Every table with a shop's rows, partitions left out, and the column that names the shop. */
let tables: { name: string; shopColumn: string }[];

async function fill(): Promise<void> {
  const { rows } = await db.pool.query(
    `select c.relname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
     where a.attname = 'shop_id' and c.relkind in ('r', 'p') and not c.relispartition
       and c.relnamespace = current_schema()::regnamespace order by 1`,
  );
  tables = [
    { name: "shop", shopColumn: "id" },
    ...rows.map(({ name }) => ({ name, shopColumn: "shop_id" })),
  ];
  for (const table of tables) for (const shopId of [SHOP_A, SHOP_B]) await addRow(table, shopId);
}

/** The database of a user who owns it, may create no role, and is in none: as on a managed Postgres. */
async function openAsPlainUser(): Promise<TestDatabase> {
  const url = new URL(await createTestDatabase());
  const name = url.pathname.slice(1);
  const admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  await admin.query(`create role ${name} login; alter database ${name} owner to ${name}`);
  await admin.end();
  url.username = name;
  return { ...(await openDatabase({ DATABASE_URL: url.href, DATA_DIR: "unused" })), url: url.href };
}

/** A row with something in every column that has to have a value. */
async function addRow(table: { name: string; shopColumn: string }, shopId: bigint): Promise<void> {
  const { rows: columns } = await db.pool.query<{ name: string; type: string }>(
    `select column_name as name, data_type as type from information_schema.columns
     where table_schema = current_schema() and table_name = $1 and is_nullable = 'NO'
       and ((column_default is null and is_identity = 'NO') or column_name = $2)`,
    [table.name, table.shopColumn],
  );
  const states: Record<string, string> = {
    shop: "installed",
    connection: "active",
    event: "pending",
    run: "running",
    run_item: "waiting",
  };
  const value = ({ name, type }: { name: string; type: string }): string => {
    if (name === table.shopColumn) return String(shopId);
    if (name === "state") return states[table.name] ?? "pending";
    if (name === "id_source") return "order";
    if (name === "kind" && table.name === "run") return "replay";
    if (type === "date" || type.startsWith("timestamp")) return "now";
    if (type === "boolean") return "true";
    return type === "text" ? `of shop ${shopId}` : String(shopId);
  };
  const marks = columns.map((_, index) => `$${index + 1}`);
  await db.pool.query(
    `insert into ${table.name} (${columns.map(({ name }) => name).join(", ")})
     overriding system value values (${marks.join(", ")})`,
    columns.map(value),
  );
}

const asReader = (sql: string, shopId = SHOP_A) =>
  db.readAsShop(shopId, (tx) => tx.$queryRawUnsafe<Record<string, unknown>[]>(sql));

describe.each([
  ["as a role of its own", openTestDatabase],
  ["as a user who may create no role", openAsPlainUser],
])("read %s", (_how, openDb) => {
  beforeAll(async () => {
    db = await openDb();
    await fill();
  });
  afterAll(() => db.close());

  test("row-level security holds, and the start complains of nothing", () => {
    expect(db.lack).toBeNull();
  });

  test("in every table with shops' rows a shop sees its own and nothing of another", async () => {
    expect(tables.length).toBeGreaterThan(8);
    for (const { name, shopColumn } of tables) {
      for (const shopId of [SHOP_A, SHOP_B]) {
        const rows = await asReader(`select ${shopColumn} as shop from ${name}`, shopId);
        expect({ name, rows }).toEqual({ name, rows: [{ shop: shopId }] });
      }
    }
  });

  test("asking for another shop's rows by its id gives nothing, through the typed client too", async () => {
    const found = await db.readAsShop(SHOP_A, (tx) =>
      Promise.all([
        tx.event.findMany({ where: { shopId: SHOP_B } }),
        tx.connection.findMany({ where: { shopId: SHOP_B } }),
        tx.shop.findMany({ where: { id: SHOP_B } }),
      ]),
    );
    expect(found).toEqual([[], [], []]);
  });

  test("a shop that does not exist sees no row at all", async () => {
    for (const { name } of tables) expect(await asReader(`select from ${name}`, 99n)).toEqual([]);
  });

  test("whoever reads as a shop can write nothing, not even the shop's own rows", async () => {
    for (const { name } of tables) {
      await expect(asReader(`delete from ${name}`)).rejects.toThrow(/read-only transaction/);
    }
  });

  test("a shop sees which compliance requests came about it, never another's, and no body", async () => {
    await db.pool.query(
      `insert into compliance_request (shop_domain, topic, webhook_id, state, body)
      select domain, 'customers/redact', 'w', 'recorded', 'secret'::bytea from shop
      union all values ('never-known.myshopify.com', 'shop/redact', 'w', 'recorded', 'secret'::bytea)`,
    );
    const domains = "select shop_domain from compliance_request";
    expect(await asReader(domains)).toEqual([{ shop_domain: `of shop ${SHOP_A}` }]);
    expect(await asReader(domains, 99n)).toEqual([]);
  });

  test("sessions and single partitions are closed to whoever reads as a shop", async () => {
    await db.pool.query(
      `insert into shopify_session (id, shop_domain, content) values ('1', 'a', '') on conflict do nothing`,
    );
    await db.pool.query(
      `insert into receipt (received_on, shop_id, topic, webhook_id, outcome) values ('2020-01-01', ${SHOP_B}, 't', 'w', 'o') on conflict do nothing`,
    );
    for (const name of ["shopify_session", "receipt_default"]) {
      expect((await db.pool.query(`select from ${name}`)).rowCount).toBeGreaterThan(0);
      const rows = await asReader(`select from ${name}`).catch(({ message }) => {
        expect(message).toMatch(/permission denied/);
        return [];
      });
      expect(rows).toEqual([]);
    }
  });

  test("the connection that was lent for a shop's read comes back as it was, after an error too", async () => {
    await asReader("select 1");
    await expect(asReader("select from no_such_table")).rejects.toThrow();
    const { rows } = await db.pool.query(
      `select current_user = session_user as is_itself, current_setting('pinrelay.shop_id', true) as shop,
      current_setting('transaction_read_only') as read_only`,
    );
    expect(rows).toEqual([{ is_itself: true, shop: "", read_only: "off" }]);
  });

  test("a single statement is bound to its shop in the same way", async () => {
    const ofBoth = { text: "select shop_id from event order by 1" };
    expect(await db.queryAsShop(SHOP_A, ofBoth)).toEqual([{ shop_id: SHOP_A }]);
    expect(await db.queryAsShop(SHOP_B, ofBoth)).toEqual([{ shop_id: SHOP_B }]);
    await expect(db.queryAsShop(SHOP_A, { text: "delete from event" })).rejects.toThrow();
  });

  test("what is no read of one shop sees and writes all rows", async () => {
    const { rows } = await db.pool.query("update event set state = state returning shop_id");
    expect(rows.map(({ shop_id }) => shop_id).sort()).toEqual([SHOP_A, SHOP_B]);
  });
});

test("each table that whoever reads as a shop may read has a policy", async () => {
  db = await openTestDatabase();
  const { rows } = await db.pool.query<{ name: string; is_bound: boolean; is_open: boolean }>(
    `select c.relname as name, c.relrowsecurity
        and exists (select from pg_policy p where p.polrelid = c.oid) as is_bound,
        has_any_column_privilege('pinrelay_reader', c.oid, 'select') as is_open
      from pg_class c where c.relkind in ('r', 'p') and not c.relispartition
        and c.relnamespace = current_schema()::regnamespace`,
  );
  expect(rows.length).toBeGreaterThan(20);
  const open = rows.filter(({ is_open }) => is_open);
  expect(open.length).toBeGreaterThan(20);
  expect(open.filter(({ is_bound }) => !is_bound)).toEqual([]);
  await db.close();
});

test("a shop sees the leases of its own ad accounts, of former ones whose events wait too, and no others", async () => {
  db = await openTestDatabase();
  await fill();
  const { rows } = await db.pool.query(
    `insert into due_account (lane, ad_account_id, next_at) select 0, account, now()
      from unnest(array['own', 'former', 'another']) account returning ad_account_id`,
  );
  expect(rows).toHaveLength(3);
  await db.pool.query(
    `update connection set ad_account_id = case shop_id when ${SHOP_A} then 'own' else 'another' end`,
  );
  await db.pool.query(
    `update event set ad_account_id = 'former', state = 'pending' where shop_id = ${SHOP_A}`,
  );
  const leases = "select ad_account_id as name from due_account order by 1";
  expect(await asReader(leases)).toEqual([{ name: "former" }, { name: "own" }]);
  expect(await asReader(leases, SHOP_B)).toEqual([{ name: "another" }]);
  expect(await asReader(leases, 99n)).toEqual([]);
  await db.close();
});

test("a role reads and nothing else, and no body of a compliance request", async () => {
  db = await openTestDatabase();
  const { rows } = await db.pool.query(
    `select distinct privilege_type as privilege from information_schema.role_table_grants
     where grantee = 'pinrelay_reader'`,
  );
  expect(rows).toEqual([{ privilege: "SELECT" }]);
  await expect(asReader("select body from compliance_request")).rejects.toThrow(
    /permission denied/,
  );
  await db.close();
});

test("a user who is exempt from row-level security hears of it, with the SQL that mends it", async () => {
  const plain = await openAsPlainUser();
  const user = new URL(plain.url).username;
  await plain.close();
  const admin = await openTestDatabase();
  await admin.pool.query(`alter role ${user} bypassrls`);
  const exempt = await openDatabase({ DATABASE_URL: plain.url, DATA_DIR: "unused" });
  expect(exempt.lack).toContain(`grant pinrelay_reader to "${user}"`);
  await exempt.close();
  await admin.pool.query(`grant pinrelay_reader to ${user}`);
  const granted = await openDatabase({ DATABASE_URL: plain.url, DATA_DIR: "unused" });
  expect(granted.lack).toBeNull();
  await granted.close();
  await admin.close();
});
