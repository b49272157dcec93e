import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Tally } from "./reconcile-orders.server.ts";

/** Leaves an entry in the audit log, where orders were missing. */
export async function noteReconciliation(
  { db }: { db: Pick<Database, "transaction"> },
  {
    shop,
    actor,
    tally,
  }: { shop: { id: bigint }; actor: string; tally: Pick<Tally, "missing" | "sent"> },
): Promise<void> {
  const { missing, sent } = tally;
  if (missing === 0) return;
  const entry = { shopId: shop.id, actor, action: "orders.reconcile", after: { missing, sent } };
  await db.transaction((client) => writeAuditEntry(client, entry));
}
