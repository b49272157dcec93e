import {
  closeConfirmed,
  listUnconfirmed,
  listUnconfirmedShops,
  setNextCheck,
  type UnconfirmedCheckout,
} from "#app/outbox/unconfirmed-checkouts.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import type { ShopifyAdmin, ShopifyAnswer } from "#app/shopify/ask-shopify.server.ts";
import type { FetchedOrder } from "#app/shopify/order-node.server.ts";
import { fetchOrder } from "#app/shopify/orders.server.ts";
import { loadMappingShop, type MappingShop } from "#app/shops/load-mapping-shops.server.ts";
import { type StoreOrderServices, storeOrder } from "./store-order.server.ts";

export interface ConfirmServices extends StoreOrderServices {
  /** The Admin API of a shop without its merchant. Rejects when there is no session of it. */
  openAdmin: (domain: string) => Promise<ShopifyAdmin>;
}

/** The number of a shop's checkouts that one run asks about; the next run asks on. */
const A_RUN = 50;
const ASK_WITHIN_MS = 10_000;
/** The minutes after which Shopify is asked again for an order that it does not have. */
const ASK_AGAIN_MINUTES = [60, 360];
/** The same where it gave no answer. */
const SILENT_MINUTES = 15;

/**
 * Checks checkouts that a browser told as completed and no webhook confirmed: anyone can invent
 * one. Shopify is asked for the order, and only an order that it has becomes a purchase, made of
 * the order and not of what the browser said of it. The fault of one shop, or of Shopify, holds up
 * no other.
 */
export async function confirmCheckouts(services: ConfirmServices): Promise<void> {
  while ((await closeConfirmed(services)) > 0);
  await workOnEach(services, {
    job: "confirm-checkouts",
    describe: ({ domain }) => ({ shop: domain }),
    readPage: (after, limit) => listUnconfirmedShops(services, { after, limit }),
    work: ({ id, domain }: { id: bigint; domain: string }) => confirmOfShop(services, id, domain),
  });
}

async function confirmOfShop(services: ConfirmServices, id: bigint, domain: string): Promise<void> {
  while ((await closeConfirmed(services, id)) > 0);
  const shop = await loadMappingShop(services.db.pool, domain);
  const checkouts = await listUnconfirmed(services, id, A_RUN);
  if (shop === undefined || shop.settings.pixel_fallback === "off") {
    for (const checkout of checkouts) await setNextCheck(services, id, checkout, null);
    return;
  }
  const admin = await services.openAdmin(domain).catch(() => null);
  for (const checkout of checkouts) {
    const asked = admin === null ? SILENT : await askForOrder(admin, checkout);
    const minutes = await settle(services, shop, checkout, asked);
    const checks = checkout.checks + (asked.ok || asked.failure === "not_found" ? 1 : 0);
    await setNextCheck(services, id, { ...checkout, checks }, minutes);
  }
}

const SILENT: ShopifyAnswer<never> = { ok: false, failure: "silent" };

/** An order of the id that the browser told must be of the same checkout: ids can be guessed. */
async function askForOrder(
  admin: ShopifyAdmin,
  { checkoutToken, orderId }: UnconfirmedCheckout,
): Promise<ShopifyAnswer<FetchedOrder>> {
  const signal = AbortSignal.timeout(ASK_WITHIN_MS);
  const missing = { ok: false, failure: "not_found" } as const;
  if (checkoutToken === null) return missing;
  const byToken = await fetchOrder(admin, { checkoutToken }, signal);
  const isMissing = !byToken.ok && byToken.failure === "not_found";
  if (!isMissing || orderId === null) return byToken;
  const byId = await fetchOrder(admin, { orderId }, signal);
  if (!byId.ok) return byId;
  return byId.found.order.checkoutToken === checkoutToken ? byId : missing;
}

/** Stores the order that was found. Returns in how many minutes it is asked for again; null: never. */
async function settle(
  services: ConfirmServices,
  shop: MappingShop,
  checkout: UnconfirmedCheckout,
  asked: ShopifyAnswer<FetchedOrder>,
): Promise<number | null> {
  if (!asked.ok) {
    if (asked.failure !== "not_found") return SILENT_MINUTES;
    return ASK_AGAIN_MINUTES[checkout.checks] ?? null;
  }
  // `orders/paid` tells when it is paid, and may be days away.
  const isEarly = shop.settings.purchase_trigger === "order_paid" && !asked.found.isPaid;
  if (isEarly) return ASK_AGAIN_MINUTES[checkout.checks] ?? null;
  const { outcome } = await storeOrder(services, shop, asked.found, {
    topic: "web_pixel/checkout_completed",
    id: checkout.completedEventId.slice(0, 255),
  });
  services.log.info(
    { shop: shop.domain, outcome },
    "Shopify confirmed an order that no webhook told",
  );
  return null;
}

/** Schedules it for each minute. */
export async function scheduleConfirmations({
  queue,
  ...services
}: ConfirmServices & { queue: Pick<Queue, "schedule"> }): Promise<void> {
  await queue.schedule("confirm-checkouts", "* * * * *", () => confirmCheckouts(services));
}
