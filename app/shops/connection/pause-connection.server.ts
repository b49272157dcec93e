import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import { assignAccountToWaitingEvents } from "#app/outbox/assign-account.server.ts";
import type { Database } from "#app/platform/db.server.ts";

/**
 * Stops sending for a shop; its events wait. `reason` is what the merchant must mend (`unauthorized`,
 * `forbidden`, …) or `merchant`. False: it was not active, and keeps the reason it was paused for.
 */
export async function pauseConnection(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
  reason: string,
  actor: string,
): Promise<boolean> {
  return db.transaction((client) => pauseIn(client, shopId, reason, actor));
}

/** The same in the caller's transaction. */
export async function pauseIn(
  client: PoolClient,
  shopId: bigint,
  reason: string,
  actor: string,
): Promise<boolean> {
  const paused = await client.query(
    `update connection set state = 'paused', pause_reason = $2, paused_at = now(), paused_by = $3,
        retest_at = now() + interval '1 hour', updated_at = now()
      where shop_id = $1 and state = 'active'`,
    [shopId, reason, actor],
  );
  if (paused.rowCount === 0) return false;
  await writeAuditEntry(client, {
    shopId,
    actor,
    action: "connection.pause",
    before: { state: "active" },
    after: { state: "paused", reason },
  });
  return true;
}

/**
 * Reasons that a system's pause has and a passed test ends: Pinterest's statements, which may have
 * been wrong or be mended, and faults of ours.
 */
export const TESTABLE_PAUSES = ["unauthorized", "forbidden", "account_not_found", "internal"];

/**
 * Sends again for an installed shop whose connection was paused, also what waits. False: there was
 * nothing to resume.
 */
export async function resumeConnection(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  shopId: bigint,
  actor: string,
): Promise<boolean> {
  const hasResumed = await db.transaction((client) => resumeIn(client, shopId, actor));
  if (hasResumed) await assignAccountToWaitingEvents({ db }, shopId);
  return hasResumed;
}

/** Resumes in the caller's transaction, where nothing that waits can be woken yet. */
export async function resumeIn(
  client: PoolClient,
  shopId: bigint,
  actor: string,
): Promise<boolean> {
  const { rows } = await client.query<{ pause_reason: string | null }>(
    `select c.pause_reason from connection c
        join shop s on s.id = c.shop_id and s.state = 'installed'
        where c.shop_id = $1 and c.state = 'paused'
          and c.pause_reason is distinct from $2 for no key update of c`,
    // Only a plan ends a pause for a missing plan.
    [shopId, BILLING_PAUSE],
  );
  const connection = rows[0];
  if (connection === undefined) return false;
  await client.query(
    `update connection set state = 'active', pause_reason = null, paused_at = null, paused_by = null,
          trouble = null, trouble_times = 0, updated_at = now()
        where shop_id = $1`,
    [shopId],
  );
  await writeAuditEntry(client, {
    shopId,
    actor,
    action: "connection.resume",
    before: { state: "paused", reason: connection.pause_reason },
    after: { state: "active" },
  });
  return true;
}
