import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";

/** Puts the setup guide away, or takes it out again. What is so already changes nothing. */
export async function setGuideHidden(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
  isHidden: boolean,
  actor: string,
): Promise<void> {
  await db.transaction(async (client) => {
    const { rowCount } = await client.query(
      `update shop set guide_hidden_at = case when $2 then now() end
        where id = $1 and (guide_hidden_at is not null) <> $2`,
      [shopId, isHidden],
    );
    if (rowCount === 0) return;
    await writeAuditEntry(client, {
      shopId,
      actor,
      action: isHidden ? "guide.hide" : "guide.show",
      before: { hidden: !isHidden },
      after: { hidden: isHidden },
    });
  });
}
