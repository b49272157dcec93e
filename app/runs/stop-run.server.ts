import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { RunOwner } from "./store-run.server.ts";

/**
 * Ends a run: what the outbox has goes on, the rest is not sent. Waits for the thousand that are
 * under way, so that nothing goes out once this has resolved. False when the shop has no such run;
 * a run that has ended stays as it is.
 */
export async function stopRun(
  { db }: { db: Pick<Database, "transaction"> },
  { shop, actor }: RunOwner,
  runId: bigint,
): Promise<boolean> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ state: string; kind: string }>(
      "select state, kind from run where id = $1 and shop_id = $2 for no key update",
      [runId, shop.id],
    );
    const [run] = rows;
    if (run?.state !== "running") return run !== undefined;
    await client.query("update run set state = 'stopped', finished_at = now() where id = $1", [
      runId,
    ]);
    // Items that will not be sent are deleted.
    const { rowCount } = await client.query(
      "update run_item set body = null where run_id = $1 and state = 'waiting'",
      [runId],
    );
    const after = { run: String(runId), kind: run.kind, not_sent: rowCount ?? 0 };
    await writeAuditEntry(client, { shopId: shop.id, actor, action: "run.stop", after });
    return true;
  });
}
