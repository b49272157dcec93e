import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { StoreOrder } from "#app/events/store-event.ts";

/**
 * The order with what came with it from the shopper's browser. Shopify does not tell it again; the
 * event that was made of the order's own notice has it, for as long as its body is kept.
 */
export function withKnownBrowser(order: StoreOrder, sent: ConversionEvent | null): StoreOrder {
  if (sent === null) return order;
  const { user_data: person, event_source_url: url } = sent;
  return {
    ...order,
    browser: {
      ip: person.client_ip_address ?? null,
      userAgent: person.client_user_agent ?? null,
    },
    landingSite: url === undefined ? null : readPath(url),
    notedClickId: person.click_id ?? order.notedClickId,
  };
}

/** Of an address without a path nothing was known but the store. */
function readPath(url: string): string | null {
  const path = url.replace(/^https?:\/\/[^/]+/, "");
  return path === "" ? null : path;
}
