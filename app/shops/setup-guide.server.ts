import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { SETTINGS } from "#app/events/settings-table.ts";
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
        returning coalesce(settings ->> 'product_id', '${SETTINGS.product_id.default}') as format`,
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
