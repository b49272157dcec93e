import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";

/** Notes that a person found the product ids to be those of the catalog. The first time counts. */
export async function confirmProductIds(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
  actor: string,
): Promise<void> {
  await db.transaction(async (client) => {
    const { rows } = await client.query<{ format: string }>(
      `update shop set product_ids_confirmed_at = now()
        where id = $1 and product_ids_confirmed_at is null
        returning coalesce(settings ->> 'product_id', 'variant') as format`,
      [shopId],
    );
    const [shop] = rows;
    if (shop === undefined) return;
    await writeAuditEntry(client, {
      shopId,
      actor,
      action: "product_ids.confirm",
      before: { confirmed: false },
      after: { confirmed: true, format: shop.format },
    });
  });
}
