import type { Database } from "#app/platform/db.server.ts";
import { writeAuditEntry } from "./write-audit-entry.server.ts";

/** `late`: the uninstall belongs to an earlier install of the shop, and changes nothing. */
export type UninstallResult = "uninstalled" | "late" | "not_installed";

/**
 * Ends the shop's install: its sessions go, its connection is paused, its events stay. Shopify
 * sends `app/uninstalled` up to minutes late, also after the shop has come back, so that one
 * triggered before the present install is ignored (Shopify/shopify-app-template-php issue 481).
 * Calls no API: the shop's token is dead by then.
 */
export async function uninstallShop(
  { db }: { db: Pick<Database, "transaction"> },
  { domain, triggeredAt }: { domain: string; triggeredAt: Date | null },
): Promise<UninstallResult> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ id: bigint; generation: number; is_late: boolean }>(
      `select id, generation, coalesce($2::timestamptz < installed_at, false) as is_late
        from shop where domain = $1 and state = 'installed' for update`,
      [domain, triggeredAt],
    );
    const shop = rows[0];
    if (shop === undefined) return "not_installed";
    if (shop.is_late) return "late";
    await client.query(
      "update shop set state = 'uninstalled', uninstalled_at = now() where id = $1",
      [shop.id],
    );
    await client.query("delete from shopify_session where shop_domain = $1", [domain]);
    // A connection that was paused for another reason keeps it: coming back must not resume it.
    const paused = await client.query(
      `update connection set state = 'paused', pause_reason = 'uninstalled', updated_at = now()
        where shop_id = $1 and state = 'active'`,
      [shop.id],
    );
    await writeAuditEntry(client, {
      shopId: shop.id,
      actor: "shopify",
      action: "shop.uninstall",
      before: { generation: shop.generation },
      after: { connection_paused: paused.rowCount === 1 },
    });
    return "uninstalled";
  });
}
