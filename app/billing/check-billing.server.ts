import { adoptWaitingEvents } from "#app/outbox/adopt-waiting-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { BillingPlan } from "#app/platform/env/billing-env.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import { type BillingShop, listBillingShops } from "#app/shops/billing/billing-shops.server.ts";
import { endAllBillingPauses } from "#app/shops/billing/save-billing.server.ts";
import { noteBilling, refreshBilling } from "./refresh-billing.server.ts";
import { reportUsage } from "./report-usage.server.ts";
import type { BillingAdmin } from "./shopify-billing.server.ts";

export interface BillingServices {
  db: Database;
  log: Logger;
  plan: BillingPlan;
  /** The Admin API of a shop without its merchant. Rejects when there is no session of it. */
  openAdmin: (domain: string) => Promise<BillingAdmin>;
  now: () => Date;
}

/**
 * Looks after every installed shop that has something to look after: asks Shopify once a day and when Shopify says that something
 * changed, charges for usage, and pauses who was warned seven days ago. The fault of one shop, or of
 * Shopify, holds up no other; the time goes on without Shopify.
 */
export async function checkBilling(services: BillingServices): Promise<void> {
  const { db, now } = services;
  await workOnEach(services, {
    job: "check-billing",
    describe: ({ domain }) => ({ shop: domain }),
    readPage: (after, limit) => listBillingShops({ db }, now(), { after, limit }),
    work: (shop: BillingShop) => checkShop(services, shop),
  });
}

async function checkShop(services: BillingServices, shop: BillingShop): Promise<void> {
  const { db, log, now } = services;
  try {
    if (shop.isDue) await askAbout(services, shop);
  } catch (error) {
    log.warn({ shop: shop.domain, error: nameOf(error) }, "the shop's billing is not known");
  }
  const look = { shopId: shop.id, now: now(), actor: "system", seen: null };
  const { effect } = await noteBilling({ db }, look);
  if (effect !== null) log.info({ shop: shop.domain, effect }, "sending follows the billing");
}

async function askAbout(
  { db, log, plan, openAdmin, now }: BillingServices,
  { id: shopId, domain }: BillingShop,
): Promise<void> {
  const admin = await openAdmin(domain);
  const { billing } = await refreshBilling({ db }, admin, {
    shopId,
    now: now(),
    actor: "system",
  });
  if (billing.state !== "active" || plan.kind !== "usage") return;
  const charged = await reportUsage({ db }, admin, { shopId, plan, now: now() });
  if (charged > 0) log.info({ shop: domain, charged }, "usage charged");
}

/** The library's errors may hold tokens in their texts. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "Response";
}

/**
 * Schedules it, where the operator asks for money; where not any more, ends what pauses for want of
 * a plan are left.
 */
export async function scheduleBilling({
  plan,
  queue,
  ...services
}: Omit<BillingServices, "plan"> & {
  plan: BillingPlan | null;
  queue: Pick<Queue, "schedule">;
}): Promise<void> {
  if (plan === null) {
    const resumed = await endAllBillingPauses(services);
    for (const shopId of resumed) await adoptWaitingEvents(services, shopId);
    return;
  }
  await queue.schedule("check-billing", "*/10 * * * *", () => checkBilling({ ...services, plan }));
}
