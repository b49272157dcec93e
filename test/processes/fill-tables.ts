import type { Database } from "#app/platform/db.server.ts";

interface Column {
  table: string;
  name: string;
  type: string;
  isRequired: boolean;
  /** Where the table takes one word of a few: the first of them. */
  word: string | null;
}

/** The rows of a shop with a canary in each. */
export interface FilledRows {
  textOf(table: string, column: string): string;
  idOf(table: string): string;
  /** The fields by which a form may name something of the shop's. */
  fields(): Record<string, string>;
}

/** Columns that bear the name of a shop, or its id. */
const SHOP_COLUMNS = ["shop_id", "shop_domain"];

async function listColumns(db: Database): Promise<Map<string, Column[]>> {
  const { rows } = await db.pool.query<Column>(
    `select c.table_name as table, c.column_name as name, c.data_type as type,
        c.is_nullable = 'NO' and c.column_default is null and c.is_identity = 'NO' as "isRequired",
        (select substring(pg_get_constraintdef(k.oid) from '''([^'']+)''') from pg_constraint k
          where k.conrelid = t.oid and k.contype = 'c' and k.conkey = array[c.ordinal_position::smallint]
            and pg_get_constraintdef(k.oid) like '%ARRAY[%' limit 1) as word
      from information_schema.columns c join pg_class t on t.relname = c.table_name
        and t.relnamespace = current_schema()::regnamespace
      where c.table_schema = current_schema() and not t.relispartition and t.relkind in ('r', 'p')
      order by c.ordinal_position`,
  );
  const tables = Map.groupBy(rows, ({ table }) => table);
  return new Map(
    [...tables].filter(([, columns]) => columns.some(({ name }) => SHOP_COLUMNS.includes(name))),
  );
}

/** Gives a shop a row in every table that has rows of shops, with a canary in all that holds text. */
export async function fillTables(
  db: Database,
  domain: string,
  canary: string,
): Promise<FilledRows> {
  const { rows } = await db.pool.query<{ id: bigint }>("select id from shop where domain = $1", [
    domain,
  ]);
  const shopId = String(rows[0]?.id);
  const filled = new Map<string, Record<string, unknown>>();
  const tables = await listColumns(db);
  // Rows that belong to a row of another table come after it.
  const ownerOf = ({ name }: Column) => tables.get(name.replace(/_id$/, ""))?.[0]?.table;
  const belongs = ([, columns]: [string, Column[]]) =>
    Number(columns.some((each) => ownerOf(each)));
  for (const [table, columns] of [...tables].sort((a, b) => belongs(a) - belongs(b))) {
    const given = columns.flatMap((column) => {
      const owner = filled.get(ownerOf(column) ?? "")?.id;
      const value = owner ?? fillColumn(column, { shopId, domain, canary });
      return value === null ? [] : [{ name: column.name, value: String(value) }];
    });
    const { rows: stored } = await db.pool.query<Record<string, unknown>>(
      `insert into ${table} (${given.map(({ name }) => `"${name}"`).join(", ")}) overriding system value
        values (${given.map((_, index) => `$${index + 1}`).join(", ")}) on conflict do nothing returning *`,
      given.map(({ value }) => value),
    );
    if (stored[0] !== undefined) filled.set(table, stored[0]);
  }
  const textOf = (table: string, column: string) => String(filled.get(table)?.[column]);
  const idOf = (table: string) => textOf(table, "id");
  return {
    textOf,
    idOf,
    fields: () => ({
      event_id: textOf("event", "event_id"),
      events: textOf("event", "event_id"),
      order: textOf("event", "order_id"),
      order_id: textOf("event", "order_id"),
      run: idOf("run"),
      id: idOf("run"),
      entry: idOf("audit_entry"),
      version: "1",
      tag_id: "549700000001",
      ad_account_id: textOf("connection", "ad_account_id"),
      q: canary.slice(0, 4),
    }),
  };
}

function fillColumn(
  { table, name, type, isRequired, word }: Column,
  { shopId, domain, canary }: { shopId: string; domain: string; canary: string },
): string | null {
  if (name === "shop_id") return shopId;
  if (name === "shop_domain") return domain;
  if (type === "text" && word !== null) return word;
  if (type === "text") return `${canary}-${table}-${name}`;
  if (type === "jsonb") return JSON.stringify({ [canary]: canary });
  if (type === "bytea") return canary;
  if (!isRequired) return null;
  if (type === "date") return "tomorrow";
  // Pages show today's; the rest is due at no time while the tests run.
  if (type.startsWith("timestamp")) return name === "bucket" ? "now" : "tomorrow";
  return type === "boolean" ? "true" : "4711";
}

/** What stands in the tables of a shop, table by table. */
export async function hashRows(db: Database, domain: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  const tables = [...(await listColumns(db))].map(([table, columns]) => ({
    table,
    column: columns.some(({ name }) => name === "shop_id") ? "shop_id" : "shop_domain",
  }));
  const { rows } = await db.pool.query<{ name: string; hash: string }>(
    tables
      .map(({ table, column }) => {
        const shop = column === "shop_id" ? "(select id from shop where domain = $1)" : "$1";
        return `select '${table}' as name, md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as hash
          from ${table} t where ${column} = ${shop}`;
      })
      .join(" union all "),
    [domain],
  );
  for (const { name, hash } of rows) hashes[name] = hash;
  return hashes;
}
