import type { Pool } from "pg";

/** A customer's id may be an order's as well. */
type SourceRole = "customer" | "source";

/** SQL: the digest under which a source is remembered, from SQL for the shop's id, its role and its key. */
function digestSql(shopId: string, role: string, sourceKey: string): string {
  return `sha256(convert_to(concat_ws(E'\\n', ${shopId}, ${role}, ${sourceKey}), 'UTF8'))`;
}

/** SQL: the role of an event's source, from SQL for its name. */
export const roleOfKindSql = (kind: string) =>
  `case ${kind} when 'signup' then 'customer' else 'source' end`;

/** SQL: the role of a webhook's source, from SQL for its topic. */
export const roleOfTopicSql = (topic: string) =>
  `case when ${topic} like 'customers/%' then 'customer' else 'source' end`;

/**
 * SQL: whether a source was redacted. Most shops have nothing redacted, and pay for one look into the
 * index, not for a digest. The subqueries stand by themselves and give one value, so that each row looks
 * into the index: a join, or an `exists`, might read the whole table for each commit.
 */
export function isRedactedSql(shopId: string, role: string, sourceKey: string): string {
  return `(case when (select true from redacted_source any_gone where any_gone.shop_id = ${shopId} limit 1)
    then coalesce((select true from redacted_source gone where gone.shop_id = ${shopId}
      and gone.digest = ${digestSql(shopId, role, sourceKey)} limit 1), false)
    else false end)`;
}

/** Remembers what was redacted by its digest: a repeated or late message must not bring it back. */
export async function rememberRedacted(
  pool: Pick<Pool, "query">,
  shopId: bigint,
  sources: readonly { role: SourceRole; key: string }[],
): Promise<void> {
  await pool.query(
    `insert into redacted_source (shop_id, digest)
      select distinct $1::bigint, ${digestSql("$1::bigint", "role", "key")}
      from unnest($2::text[], $3::text[]) as given (role, key) on conflict do nothing`,
    [shopId.toString(), sources.map(({ role }) => role), sources.map(({ key }) => key)],
  );
}
