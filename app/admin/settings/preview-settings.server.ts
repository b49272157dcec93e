import { lookUp } from "#app/events/look-up.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import { buildPolicy } from "#app/mapping/shop-policy.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { UnknownShopError } from "#app/shops/find-shop.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import { judgeSettings } from "#app/shops/settings/judge-settings.server.ts";
import { parseStoredSettings } from "#app/shops/settings/read-settings.server.ts";
import { checkCatalogId } from "./check-catalog-id.server.ts";
import { previewConsent } from "./preview-consent.server.ts";
import { previewOrder } from "./preview-order.server.ts";
import { previewProducts } from "./preview-products.server.ts";
import type { SettingsPreview } from "./settings-preview.ts";

export interface PreviewRequest {
  domain: string;
  admin: ShopifyAdmin;
  /** Not saved; those that are wrong count as not made. */
  changes: Record<string, unknown>;
  /** What the field of the template holds, whichever format is chosen. */
  template: string;
  /** An id out of the merchant's catalog; null: none to check. */
  catalogId: string | null;
  nowMs: number;
}

const SHOPIFY_WITHIN_MS = 10_000;

/**
 * What the shop's next events would be under settings that are not saved yet, by mapping's own
 * functions on the store's real orders and products. Writes nothing. Rejects with UnknownShopError.
 */
export async function previewSettings(
  { db }: { db: Pick<Database, "pool" | "readAsShop"> },
  { domain, admin, changes, template, catalogId, nowMs }: PreviewRequest,
): Promise<SettingsPreview> {
  const shop = await loadMappingShop(db.pool, domain);
  if (shop === undefined) throw new UnknownShopError(domain);
  const settings = applyChanges(shop.settings, changes);
  const policy = buildPolicy({ ...shop, settings });
  const format = isTemplate(template) ? template : settings.product_id;
  const signal = AbortSignal.timeout(SHOPIFY_WITHIN_MS);
  const [order, products, consent, check] = await Promise.all([
    previewOrder(admin, policy, Math.floor(nowMs / 1_000), signal),
    previewProducts(admin, policy, format, signal),
    previewConsent({ db }, shop.id, { saved: shop.settings, chosen: settings }),
    catalogId === null ? null : checkCatalogId(admin, policy, catalogId, format, signal),
  ]);
  return { order, products, consent, catalogId: check };
}

function isTemplate(template: string): boolean {
  return template.includes("{") && judgeSettings({ product_id: template }).length === 0;
}

function applyChanges(
  saved: Readonly<ShopSettings>,
  changes: Record<string, unknown>,
): Readonly<ShopSettings> {
  const wrong = new Set(judgeSettings(changes).map(({ path }) => path));
  const merged = Object.entries({ ...saved, ...changes }).map(([name, value]) => [
    name,
    wrong.has(name) ? lookUp<unknown>(saved, name) : value,
  ]);
  return parseStoredSettings(
    Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined)),
  );
}
