import { type DeletedRows, deleteShopRows } from "#app/outbox/redact/delete-shop-rows.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { isInstallProvedSince, removeShop } from "#app/shops/remove-shop.server.ts";
import type { PrivacyServices, RequestEnd, TakenRequest } from "./privacy-request.server.ts";

/**
 * Removes all that is kept of a shop, if it has uninstalled the app. A request that is older than the
 * newest proof of an install ends nothing: Shopify sends another one when the shop leaves again. One
 * that is newer, of a shop whose uninstall has not come yet, waits for it.
 */
export async function redactShop(
  { db }: Pick<PrivacyServices, "db">,
  { shop_domain: domain, triggered_at: triggeredAt }: TakenRequest,
): Promise<RequestEnd> {
  const shop = await findShop({ db }, domain);
  if (shop === null) return { kind: "done", removed: {} };
  if (await isInstallProvedSince(db.pool, shop.id, triggeredAt)) return { kind: "needless" };
  const removed = await deleteShopRows({ db }, shop.id);
  if (!(await removeShop({ db }, shop))) return { kind: "waits", for: "installed" };
  // Requests that are not done yet find nothing of the shop now; those that are done hold answers.
  await db.pool.query(
    "update compliance_request set answer = null where shop_domain = $1 and answer is not null",
    [domain],
  );
  return { kind: "done", removed: nonZero(removed) };
}

function nonZero(removed: DeletedRows): Partial<DeletedRows> {
  return Object.fromEntries(Object.entries(removed).filter(([, n]) => n > 0));
}
