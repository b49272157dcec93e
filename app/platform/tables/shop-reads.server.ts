import type pg from "pg";
import { transactionOn } from "#app/platform/pool.server.ts";
import { runDdl } from "./run-ddl.server.ts";

/** How a read is restricted to one shop. */
export interface ShopReads {
  /** Reads of a shop run as the role `pinrelay_reader`, which may only read. */
  usesRole: boolean;
  /** The reason why row-level security does not hold, and the SQL that fixes it; null when it holds. */
  lack: string | null;
}

const READER = "pinrelay_reader";
const PATIENCE_MS = 60_000;
/** Tables across all shops; a read as a shop sees none of them. */
const APP_TABLES = ["shopify_session", "installation_key"];

/**
 * Restricts reads to a shop by the role where the database's user may take it, otherwise by
 * policies that are forced on the user itself: many a managed Postgres does not allow creating
 * roles. Runs after the migrations, which make the policies.
 */
export async function openShopReads(pool: pg.Pool): Promise<ShopReads> {
  if (await mayTakeRole(pool)) return { usesRole: true, lack: null };
  const { rows } = await pool.query<{ name: string; passes: boolean }>(
    "select current_user as name, rolsuper or rolbypassrls as passes from pg_roles where rolname = current_user",
  );
  for (const table of await listOpenTables(pool)) {
    await runDdl(pool, `close ${table.name}`, (client) => close(client, table), PATIENCE_MS);
  }
  const user = rows[0];
  if (user === undefined || !user.passes) return { usesRole: false, lack: null };
  const lack = `Row-level security does not hold for the database's user, who is exempt from it. Run as a superuser: create role ${READER} nologin; grant ${READER} to "${user.name}"; grant select on all tables in schema public to ${READER};`;
  return { usesRole: false, lack };
}

async function mayTakeRole(pool: pg.Pool): Promise<boolean> {
  const attempt = transactionOn(pool)((client) => client.query(`set local role ${READER}`));
  return attempt.then(
    () => true,
    (error: { code?: string }) => {
      // The role does not exist, or is not ours.
      if (error.code === "22023" || error.code === "42704" || error.code === "42501") return false;
      throw error;
    },
  );
}

interface OpenTable {
  name: string;
  hasShops: boolean;
}

/** Lists tables with shops' rows, their partitions, and the app's own, where they are not closed yet. */
async function listOpenTables(pool: pg.Pool): Promise<OpenTable[]> {
  const { rows } = await pool.query<OpenTable>(
    `with guarded as (
        select polrelid as id, true as has_shops from pg_policy where polname = 'own_shop'),
      closed as (
        select id, has_shops from guarded
        union all select inhrelid, false from pg_inherits where inhparent in (select id from guarded)
        union all select to_regclass(name), false from unnest($1::text[]) name)
      select c.oid::regclass::text as name, has_shops as "hasShops"
      from closed join pg_class c on c.oid = closed.id
      where not c.relforcerowsecurity and pg_has_role(c.relowner, 'usage') order by 1`,
    [APP_TABLES],
  );
  return rows;
}

/** All rows are visible while no shop is named, and then only the rows of that shop. */
async function close(client: pg.PoolClient, { name, hasShops }: OpenTable): Promise<void> {
  // Several processes may start at once.
  await client.query("select pg_advisory_xact_lock(hashtext('pinrelay close'))");
  if (hasShops) await client.query(`alter policy own_shop on ${name} to public`);
  await client.query(
    `alter table ${name} enable row level security, force row level security;
     drop policy if exists whole_app on ${name};
     create policy whole_app on ${name} to current_user
       using (nullif(current_setting('pinrelay.shop_id', true), '') is null)`,
  );
}
