import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";

type ShopDatabase = Pick<Database, "pool" | "transaction">;

/** SQL: whether a shop `s` proved as late as a moment ($2), or later, that it has the app. */
const IS_PROVED_SINCE = `coalesce($2::timestamptz <= greatest(s.installed_at, s.authorised_at), false)
  or exists (select from receipt r where r.shop_id = s.id and r.received_on >= $2::date - 1
    and coalesce(r.triggered_at, r.received_at) > $2)`;

/**
 * Whether a shop proved since a moment that it has the app. Each token exchange is a proof, and each
 * webhook that was taken for it.
 */
export async function isInstallProvedSince(
  db: { query: ShopDatabase["pool"]["query"] },
  shopId: bigint,
  at: Date | null,
): Promise<boolean> {
  const { rows } = await db.query<{ is_proved: boolean }>(
    `select ${IS_PROVED_SINCE} as is_proved from shop s where s.id = $1`,
    [shopId.toString(), at],
  );
  return rows[0]?.is_proved === true;
}

/**
 * Deletes an uninstalled shop's row, what names the shop with it, and its sessions. False: the shop has
 * come back.
 */
export async function removeShop(
  { db }: { db: Pick<ShopDatabase, "pool"> },
  { id, domain }: { id: bigint; domain: string },
): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    "delete from shop where id = $1 and state = 'uninstalled'",
    [id.toString()],
  );
  if (rowCount === 0) return false;
  await db.pool.query("delete from shopify_session where shop_domain = $1", [domain]);
  return true;
}

/** The hours after an uninstall; Shopify asks for the shop's redaction after the same time. */
const CREDENTIAL_HOURS = 48;
const PAGE = 500;

/**
 * Deletes the tokens and keys of shops that have been gone for two days. A shop that comes back later
 * connects its ad account again. Returns how many shops there were.
 */
export async function deleteCredentials({ db }: { db: ShopDatabase }): Promise<number> {
  let shops = 0;
  for (let page = PAGE; page === PAGE; shops += page) page = await deletePage(db);
  return shops;
}

const HAS_CREDENTIALS = `s.callback_secret is not null
  or exists (select from connection c where c.shop_id = s.id)
  or exists (select from shop_api_key k where k.shop_id = s.id)
  or exists (select from pinterest_sign_in p where p.shop_id = s.id)
  or exists (select from sign_in_attempt a where a.shop_id = s.id)
  or exists (select from shopify_session v where v.shop_domain = s.domain)`;

function deletePage(db: ShopDatabase): Promise<number> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ id: bigint }>(
      `select s.id from shop s where s.state = 'uninstalled'
          and s.uninstalled_at < now() - interval '${CREDENTIAL_HOURS} hours' and (${HAS_CREDENTIALS})
        order by s.id limit ${PAGE} for no key update skip locked`,
    );
    const ids = [rows.map(({ id }) => id.toString())];
    for (const statement of DELETE_CREDENTIALS) await client.query(statement, ids);
    for (const { id } of rows) {
      const entry = { shopId: id, actor: "system", action: "privacy.delete_credentials" };
      await writeAuditEntry(client, entry);
    }
    return rows.length;
  });
}

const DELETE_CREDENTIALS = [
  "update shop set callback_secret = null where id = any($1::bigint[])",
  `delete from shopify_session where shop_domain in (
    select domain from shop where id = any($1::bigint[]))`,
  "delete from connection where shop_id = any($1::bigint[])",
  "delete from pinterest_sign_in where shop_id = any($1::bigint[])",
  "delete from sign_in_attempt where shop_id = any($1::bigint[])",
  "delete from shop_api_key where shop_id = any($1::bigint[])",
];
