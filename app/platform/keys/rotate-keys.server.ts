import type pg from "pg";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Connections } from "#app/platform/pool.server.ts";
import { INSTALLATION, keyIdentity } from "./data-keys.server.ts";
import { KeyringError, type WrappingKeys } from "./wrapping-keys.server.ts";

const PAGE = 500;

interface WrappedRow {
  owner: bigint;
  wrapped: Buffer;
}

/** What became of data keys, or of rows. */
export interface Rotated {
  done: number;
  /** No key at hand opens them: they stay as they are. */
  locked: number;
  /** They changed meanwhile. */
  busy: number;
}

/**
 * Wraps every data key under the first of ENCRYPTION_KEYS, in pages. The data keys stay the same,
 * so that processes which have them in memory notice nothing; one that is stopped halfway goes on
 * where it was.
 */
export async function rewrapDataKeys(
  db: Pick<pg.Pool, "query">,
  wrapping: WrappingKeys,
): Promise<Rotated> {
  const total = { done: 0, locked: 0, busy: 0 };
  for (let after = -1n; ; ) {
    const { rows } = await db.query<WrappedRow>(
      `select * from (select shop_id as owner, key_id, wrapped from shop_key
          union all select ${INSTALLATION}, key_id, wrapped from installation_key
            where wrapped is not null) k
        where key_id <> $1 and owner > $2 order by owner limit ${PAGE}`,
      [wrapping.firstId, after.toString()],
    );
    const last = rows.at(-1);
    if (last === undefined) return total;
    after = last.owner;
    const page = rows.flatMap((row) => rewrap(wrapping, row) ?? []);
    const values = [
      wrapping.firstId,
      page.map(({ owner }) => owner.toString()),
      page.map(({ wrapped }) => wrapped),
      page.map(({ fresh }) => fresh),
    ];
    const { rows: changed } = await db.query<{ n: bigint }>(REPLACE_WRAPPED, values);
    const done = Number(changed[0]?.n ?? 0);
    total.done += done;
    total.locked += rows.length - page.length;
    total.busy += page.length - done;
  }
}

const REPLACE_WRAPPED = `with given as (
    select * from unnest($2::bigint[], $3::bytea[], $4::bytea[]) as r(owner, old, fresh)),
  of_shops as (update shop_key k set key_id = $1, wrapped = r.fresh from given r
    where k.shop_id = r.owner and k.wrapped = r.old returning 1),
  of_installation as (update installation_key k set key_id = $1, wrapped = r.fresh from given r
    where r.owner = ${INSTALLATION} and k.wrapped = r.old returning 1)
  select (select count(*) from of_shops) + (select count(*) from of_installation) as n`;

function rewrap(wrapping: WrappingKeys, { owner, wrapped }: WrappedRow) {
  const identity = keyIdentity(owner);
  try {
    return { owner, wrapped, fresh: wrapping.wrap(wrapping.unwrap(wrapped, identity), identity) };
  } catch (error) {
    if (error instanceof KeyringError) return null;
    throw error;
  }
}

/** A column whose rows may be in the form from before there were data keys. */
export interface SealedColumn {
  /** As in `visit.body`. */
  name: string;
  /** SQL: its rows in that form: the row's key as text, `sealed`, and what `bind` reads. */
  select: string;
  /** Whose data key encrypts it, and the identity that it is bound to. */
  bind(row: object): { owner: bigint; identity: string };
  /** SQL: writes each of $1, which has the row's key, and as hex `old` and `fresh`, where it is still `old`. */
  replace: string;
}

/** SQL: whether encrypted bytes are in the form from before there were data keys. */
export function isDirectSql(column: string): string {
  return `substring(${column} from 1 for 1) = '\\x01'`;
}

/**
 * Encrypts a column's rows under their data keys that one of ENCRYPTION_KEYS itself encrypted. A
 * row that changes meanwhile is left as it is.
 */
export async function resealColumn(
  db: Connections,
  keyring: Keyring,
  column: SealedColumn,
): Promise<Rotated> {
  const total = { done: 0, locked: 0, busy: 0 };
  await db.transaction(async (client) => {
    // A cursor: none of these tables has an index for it, and each is read once so.
    await client.query(`declare direct_rows no scroll cursor for ${column.select}`);
    for (;;) {
      const { rows } = await client.query(`fetch ${PAGE} from direct_rows`);
      if (rows.length === 0) return;
      const bound = rows.map((row) => ({ row, ...column.bind(row) }));
      const keys = await keyring.ensure(
        db.pool,
        bound.map(({ owner }) => owner),
      );
      const page = bound.flatMap(({ row: { sealed, ...key }, owner, identity }) => {
        try {
          const fresh = keys.encrypt(owner, keys.decrypt(sealed, identity), identity);
          return [{ ...key, old: toHex(sealed), fresh: toHex(fresh) }];
        } catch (error) {
          if (error instanceof KeyringError) return [];
          throw error;
        }
      });
      const given = JSON.stringify(page, (_, value) =>
        typeof value === "bigint" ? `${value}` : value,
      );
      const { rowCount } = await db.pool.query(column.replace, [given]);
      const done = rowCount ?? 0;
      total.done += done;
      total.locked += rows.length - page.length;
      total.busy += page.length - done;
    }
  });
  return total;
}

function toHex(bytes: Buffer): string {
  return bytes.toString("hex");
}

/** Notes that no row is in the form from before there were data keys. */
export async function recordNoDirectRows(db: Pick<pg.Pool, "query">): Promise<void> {
  await db.query("update installation_key set direct_key_ids = '{}' where direct_key_ids <> '{}'");
}

/**
 * Counts the jobs that wait in the queue with encrypted content in the form from before there were
 * data keys: they are done, or given up, within a day.
 */
export async function countDirectJobs(db: Pick<pg.Pool, "query">): Promise<number> {
  const { rows: tables } = await db.query("select where to_regclass('pgboss.job') is not null");
  // A database that only commands have used has no queue.
  if (tables.length === 0) return 0;
  const { rows } = await db.query<{ n: bigint }>(
    `select count(*) as n from pgboss.job where state in ('created', 'retry', 'active')
      and data ->> 'sealed' like 'AQ%'`,
  );
  return Number(rows[0]?.n ?? 0);
}
