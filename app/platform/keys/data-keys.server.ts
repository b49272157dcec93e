import { randomBytes } from "node:crypto";
import type pg from "pg";
import type { WrappingKeys } from "./wrapping-keys.server.ts";

/** A pool, or the connection of a transaction. */
export type Queries = Pick<pg.Pool, "query"> | Pick<pg.PoolClient, "query">;

/** Stands for the installation among the shops' ids. */
export const INSTALLATION = 0n;

/** A data key as it is stored. */
export interface StoredKey {
  owner: bigint;
  wrapped: Buffer;
  /** It will not vanish with a transaction, or with a standby that lacks the last seconds. */
  is_settled: boolean;
}

/** Longer than a transaction of ours, and than a standby's lag that goes unnoticed. */
const SETTLED = "created_at < now() - interval '10 seconds' as is_settled";
const KEY_BYTES = 32;

/** The row that a wrapped data key is bound to. */
export function keyIdentity(owner: bigint): string {
  return owner === INSTALLATION ? "installation_key" : `shop_key:${owner}`;
}

/** Reads the data keys of owners that have one, in one query. */
export async function readDataKeys(db: Queries, owners: readonly bigint[]): Promise<StoredKey[]> {
  const { rows } = await (db as pg.Pool).query<StoredKey>({
    name: "read-data-keys",
    text: `select shop_id as owner, wrapped, ${SETTLED} from shop_key where shop_id = any($1::bigint[])
      union all select ${INSTALLATION}::bigint, wrapped, ${SETTLED} from installation_key
        where wrapped is not null and ${INSTALLATION} = any($1::bigint[])`,
    values: [owners.map(String)],
  });
  return rows;
}

/** Makes the data keys of shops that have none. Of two processes that do, one's is kept. */
export async function makeShopKeys(
  db: Queries,
  wrapping: WrappingKeys,
  shopIds: readonly bigint[],
): Promise<void> {
  // In one order everywhere: two groups of webhooks would otherwise wait for each other.
  const ids = shopIds.toSorted((a, b) => (a < b ? -1 : 1));
  await (db as pg.Pool).query(
    `insert into shop_key (shop_id, key_id, wrapped)
      select made.id, $2, made.wrapped
      from unnest($1::bigint[], $3::bytea[]) with ordinality as made(id, wrapped, place)
      join shop s on s.id = made.id order by made.place
      on conflict (shop_id) do nothing`,
    [ids.map(String), wrapping.firstId, ids.map((id) => makeWrapped(wrapping, id))],
  );
}

/** Makes the installation's data key, if no process has. */
export async function makeInstallationKey(db: Queries, wrapping: WrappingKeys): Promise<void> {
  await (db as pg.Pool).query(
    `update installation_key set key_id = $1, wrapped = $2, created_at = now(),
        direct_key_ids = case when direct_key_ids = '{*}' then $3::text[] else direct_key_ids end
      where wrapped is null`,
    [wrapping.firstId, makeWrapped(wrapping, INSTALLATION), wrapping.ids],
  );
}

function makeWrapped(wrapping: WrappingKeys, owner: bigint): Buffer {
  return wrapping.wrap(randomBytes(KEY_BYTES), keyIdentity(owner));
}
