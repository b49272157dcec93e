import type { PoolClient } from "pg";

export interface AuditEntry {
  shopId: bigint;
  /** Who did it: `cli`, `shopify`, `system`, or a member of the shop's staff. */
  actor: string;
  /** What was done, as in `connection.pause`. */
  action: string;
  /** Facts before and after. Never a token: entries are kept in clear for a year. */
  before?: Record<string, unknown> | null;
  after?: Record<string, unknown> | null;
}

/** Notes a change in the transaction that makes it, so that neither stands without the other. */
export async function writeAuditEntry(
  client: PoolClient,
  { shopId, actor, action, before = null, after = null }: AuditEntry,
): Promise<void> {
  await client.query(
    "insert into audit_entry (shop_id, actor, action, before, after) values ($1, $2, $3, $4, $5)",
    [
      shopId,
      actor,
      action,
      before === null ? null : JSON.stringify(before),
      after === null ? null : JSON.stringify(after),
    ],
  );
}
