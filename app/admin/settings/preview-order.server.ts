import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { StoreOrder } from "#app/events/store-event.ts";
import { UnfitEventError } from "#app/mapping/check-event.server.ts";
import { mapOrder } from "#app/mapping/map-order.server.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { fetchLatestOrderId, fetchOrder } from "#app/shopify/orders.server.ts";
import { reportFailure } from "./report-failure.server.ts";
import type { OrderPreview, ValueChoices } from "./settings-preview.ts";

const VALUE_BASES = ["subtotal_before_tax", "subtotal", "total"] as const;
const CURRENCY_BASES = ["shop", "presentment"] as const;

/** The latest real order, mapped as its webhook would be under each choice of value and currency. */
export async function previewOrder(
  admin: ShopifyAdmin,
  policy: ShopPolicy,
  nowSeconds: number,
  signal: AbortSignal,
): Promise<OrderPreview> {
  const latest = await fetchLatestOrderId(admin, signal);
  if (!latest.ok) return reportFailure(latest.failure);
  if (latest.found === null) return { state: "none" };
  const found = await fetchOrder(admin, { orderId: latest.found }, signal);
  if (!found.ok) return reportFailure(found.failure);
  return describe(found.found.order, policy, nowSeconds);
}

function describe(order: StoreOrder, policy: ShopPolicy, nowSeconds: number): OrderPreview {
  const values: ValueChoices = {};
  let reason: Extract<OrderPreview, { state: "found" }>["reason"] = null;
  try {
    for (const value_basis of VALUE_BASES) {
      for (const currency_basis of CURRENCY_BASES) {
        const settings: ShopSettings = { ...policy.settings, value_basis, currency_basis };
        // As of when it was placed: that it is old now is no matter of the settings.
        const at = Math.min(nowSeconds, order.occurredAtSeconds);
        const mapped = mapOrder(order, { ...policy, settings }, at);
        const { value, currency, outcome } = mapped;
        if (value === null || currency === null) continue;
        values[`${value_basis} ${currency_basis}`] = { value, currency };
        // The Admin API tells no browser, which the order's own webhook does.
        const isSkipped = outcome.kind === "skip" && outcome.reason !== "no_match_key";
        reason = isSkipped ? outcome.reason : null;
      }
    }
  } catch (error) {
    if (error instanceof UnfitEventError) return { state: "unavailable" };
    throw error;
  }
  return { state: "found", name: order.name ?? order.id, values, reason };
}
