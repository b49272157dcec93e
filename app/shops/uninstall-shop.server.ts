import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { isInstallProvedSince } from "./remove-shop.server.ts";

/** `late`: the uninstall belongs to an earlier install of the shop, and changes nothing. */
export type UninstallResult = "uninstalled" | "late" | "not_installed";

interface UninstalledRow {
  id: bigint;
  generation: number;
  state: "installed" | "uninstalled";
}

/**
 * Ends the shop's install: its sessions go, its connection is paused, its events stay. Shopify
 * sends `app/uninstalled` up to minutes late and repeats it for hours, also after the shop has come
 * back, so that one triggered before the newest proof of an install changes nothing
 * (Shopify/shopify-app-template-php issue 481). Calls no API: the shop's token is dead by then.
 *
 * A message without a time counts as of now.
 */
export async function uninstallShop(
  { db }: { db: Pick<Database, "transaction"> },
  { domain, triggeredAt }: { domain: string; triggeredAt: Date | null },
): Promise<UninstallResult> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<UninstalledRow>(
      `select id, generation, state from shop where domain = $1 for no key update`,
      [domain],
    );
    const shop = rows[0];
    if (shop === undefined) return "not_installed";
    if (shop.state === "uninstalled") {
      // The newer of two uninstalls counts: webhooks triggered between them prove nothing.
      await client.query(
        "update shop set uninstalled_at = greatest(uninstalled_at, $2) where id = $1",
        [shop.id, triggeredAt],
      );
      return "not_installed";
    }
    // A separate statement sees the rows that were committed while this waited for the lock.
    if (await isInstallProvedSince(client, shop.id, triggeredAt)) return "late";
    await endInstall(client, domain, shop, triggeredAt);
    return "uninstalled";
  });
}

async function endInstall(
  client: PoolClient,
  domain: string,
  shop: UninstalledRow,
  triggeredAt: Date | null,
): Promise<void> {
  // Shopify takes the app's pixel and its theme embed off with the app.
  await client.query(
    `update shop set state = 'uninstalled', uninstalled_at = coalesce($2, now()),
        web_pixel_id = null, web_pixel_fault = null, web_pixel_at = null, web_pixel_endpoint = null,
        web_pixel_checked_at = null, last_pixel_at = null, last_embed_at = null
      where id = $1`,
    [shop.id, triggeredAt],
  );
  await client.query("delete from shopify_session where shop_domain = $1", [domain]);
  await client.query("delete from pinterest_sign_in where shop_id = $1", [shop.id]);
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
}
