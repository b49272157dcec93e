import type pg from "pg";
import type { EncryptionKey } from "#app/platform/env/secrets.server.ts";
import {
  INSTALLATION,
  keyIdentity,
  makeInstallationKey,
  type Queries,
} from "./data-keys.server.ts";
import { createWrappingKeys, KeyringError } from "./wrapping-keys.server.ts";

/** What needs one of ENCRYPTION_KEYS. */
export interface KeyNeed {
  id: string;
  /** How many shops' data keys it wraps. */
  shops: number;
  /** It wraps the installation's data key. */
  isOfInstallation: boolean;
  /** Rows from before there were data keys may be encrypted under it. */
  hasDirectRows: boolean;
}

interface NeedRow {
  id: string;
  shops: bigint;
  direct: boolean;
  /** One of the data keys that it wraps; null: none. */
  owner: bigint | null;
  wrapped: Buffer | null;
  installation: boolean;
}

async function readNeeds(db: Queries): Promise<NeedRow[]> {
  const { rows } = await (db as pg.Pool).query<NeedRow>(
    `select n.id, n.shops, n.direct, n.owner, coalesce(k.wrapped, i.wrapped) as wrapped,
        coalesce(n.owner = ${INSTALLATION}, false) as installation
      from (select id, count(*) filter (where owner > ${INSTALLATION}) as shops, min(owner) as owner,
          bool_or(owner is null) as direct
        from (select key_id as id, shop_id as owner from shop_key
          union all select key_id, ${INSTALLATION} from installation_key where wrapped is not null
          union all select unnest(direct_key_ids), null from installation_key
            where wrapped is not null) used
        group by id) n
      left join shop_key k on k.shop_id = n.owner
      left join installation_key i on n.owner = ${INSTALLATION}
      order by n.id`,
  );
  return rows;
}

/** The keys that are needed, by their ids, and what for. */
export async function listKeyNeeds(db: Queries): Promise<KeyNeed[]> {
  return (await readNeeds(db)).map(toNeed);
}

function toNeed({ id, shops, direct, installation }: NeedRow): KeyNeed {
  return { id, shops: Number(shops), isOfInstallation: installation, hasDirectRows: direct };
}

/** Names what needs a key, as in "3 shops and this installation". */
export function describeNeed({ shops, isOfInstallation, hasDirectRows }: KeyNeed): string {
  const parts = [
    ...(shops > 0 ? [shops === 1 ? "1 shop" : `${shops} shops`] : []),
    ...(isOfInstallation ? ["this installation's own data"] : []),
    ...(hasDirectRows ? ["rows from before each shop had a key"] : []),
  ];
  return parts.join(" and ");
}

/**
 * Checks ENCRYPTION_KEYS against what is stored, before anything is read or written: with a key
 * missing or a wrong one, events would wait until they expire, and new data would be lost.
 *
 * Rejects with KeyringError, with a sentence for the operator.
 */
export async function checkEncryptionKeys(
  db: Queries,
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
): Promise<void> {
  const wrapping = createWrappingKeys(keys);
  await makeInstallationKey(db, wrapping);
  for (const row of await readNeeds(db)) {
    const { id, owner, wrapped } = row;
    if (!wrapping.ids.includes(id)) {
      const what = describeNeed(toNeed(row));
      throw new KeyringError(
        "unknown_key",
        `ENCRYPTION_KEYS lacks the key ${id}, which is still needed by ${what}: add it again, behind the first one, and remove it when \`pinrelay keys rotate\` says so.`,
      );
    }
    if (owner === null || wrapped === null) continue;
    try {
      wrapping.unwrap(wrapped, keyIdentity(owner));
    } catch {
      throw new KeyringError(
        "does_not_open",
        `The key ${id} in ENCRYPTION_KEYS is not the one that this database was encrypted with: give the right one under that name.`,
      );
    }
  }
}
