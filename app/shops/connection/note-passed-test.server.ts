import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";

/** Notes that Pinterest took a test event of the shop's connection. */
export async function notePassedTest(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
  actor: string,
): Promise<void> {
  await db.transaction(async (client) => {
    const { rows } = await client.query<{ was: string | null }>(
      `update connection set tested_at = now(), test_result = 'passed'
        from (select shop_id, test_result as was from connection where shop_id = $1 for no key update) old
        where connection.shop_id = old.shop_id returning old.was`,
      [shopId],
    );
    if (rows[0] === undefined) return;
    await writeAuditEntry(client, {
      shopId,
      actor,
      action: "connection.test",
      before: { result: rows[0].was },
      after: { result: "passed" },
    });
  });
}
