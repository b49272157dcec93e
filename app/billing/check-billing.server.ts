import type { Database } from "#app/platform/db.server.ts";
import type { BillingPlan } from "#app/platform/env/billing-env.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import type { ShopifyAdmin, ShopifyAnswer } from "#app/shopify/ask-shopify.server.ts";
import { createUsageRecord, fetchUsageRecords } from "#app/shopify/billing.server.ts";
import {
  listUnbilledThousands,
  markThousandBilled,
  type UnbilledThousand,
} from "#app/shops/billing/count-usage.server.ts";
import {
  type BillingShop,
  endAllBillingPauses,
  listBillingShops,
  saveBilling,
} from "#app/shops/billing/save-billing.server.ts";
import { refreshBilling } from "./merchant-plan.server.ts";

export interface BillingServices {
  db: Database;
  log: Logger;
  plan: BillingPlan;
  /** The Admin API of a shop without its merchant. Rejects when there is no session of it. */
  openAdmin: (domain: string) => Promise<ShopifyAdmin>;
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
    log.warn({ shop: shop.domain, fault: describeError(error) }, "the shop's billing is not known");
  }
  const look = { shopId: shop.id, now: now(), actor: "system", seen: null };
  const { effect } = await saveBilling({ db }, look);
  if (effect !== null) log.info({ shop: shop.domain, effect }, "sending follows the billing");
}

async function askAbout(
  { db, log, plan, openAdmin, now }: BillingServices,
  { id: shopId, domain }: BillingShop,
): Promise<void> {
  const admin = await openAdmin(domain);
  const asked = await refreshBilling({ db }, admin, { shopId, now: now(), actor: "system" });
  if (!asked.ok) {
    log.warn({ shop: domain, failure: asked.failure }, "the shop's billing is not known");
    return;
  }
  if (asked.found.billing.state !== "active" || plan.kind !== "usage") return;
  const charged = await reportUsage({ db }, admin, { shopId, plan, now: now() });
  if (!charged.ok) {
    log.warn({ shop: domain, failure: charged.failure }, "the shop's usage is not charged yet");
  } else if (charged.found > 0) {
    log.info({ shop: domain, charged: charged.found }, "usage charged");
  }
}

/** The library's errors may hold tokens in their texts. */
function describeError(error: unknown): string {
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
    await endAllBillingPauses(services);
    return;
  }
  await queue.schedule("check-billing", "*/10 * * * *", () => checkBilling({ ...services, plan }));
}

/** The `usage_charge.charge_id` of a thousand that is free because of the merchant's cap. */
const OVER_CAP = "over_cap";

/**
 * Charges a shop for each thousand of accepted events that it has started, once. One that may have
 * been charged by a run that was cut off is looked up first: what Shopify does with a key that was
 * used is not documented. Stops at the first that Shopify does not take, for the next run. Returns
 * how many were charged.
 */
async function reportUsage(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  admin: ShopifyAdmin,
  { shopId, plan, now }: { shopId: bigint; plan: BillingPlan; now: Date },
): Promise<ShopifyAnswer<number>> {
  const open = await listUnbilledThousands({ db }, shopId, now);
  const known = open.some(({ isOld }) => isOld) ? await fetchUsageRecords(admin) : NO_RECORDS;
  if (!known.ok) return known;
  let charged = 0;
  for (const thousand of open) {
    const key = buildKey(shopId, thousand);
    const asked = await charge(admin, plan, thousand, { key, known: known.found });
    if (!asked.ok) return asked;
    const chargeId = asked.found;
    if (chargeId === null) break;
    await markThousandBilled({ db }, { shopId, thousand: thousand.thousand, chargeId });
    if (chargeId !== OVER_CAP) charged += 1;
  }
  return { ok: true, found: charged };
}

const NO_RECORDS: ShopifyAnswer<Map<string, string>> = { ok: true, found: new Map() };

/** Null: Shopify does not take it. */
async function charge(
  admin: ShopifyAdmin,
  plan: BillingPlan,
  { thousand, usageLineId }: UnbilledThousand,
  { key, known }: { key: string; known: ReadonlyMap<string, string> },
): Promise<ShopifyAnswer<string | null>> {
  const earlier = known.get(key);
  if (earlier !== undefined) return { ok: true, found: earlier };
  const description = `Events accepted by Pinterest, thousand ${thousand + 1n}`;
  const asked = await createUsageRecord(admin, { lineId: usageLineId, plan, description, key });
  if (!asked.ok) return asked;
  if (asked.found.ok) return { ok: true, found: asked.found.chargeId };
  return { ok: true, found: asked.found.isOverCap ? OVER_CAP : null };
}

function buildKey(shopId: bigint, { subscriptionId, thousand }: UnbilledThousand): string {
  const subscription = subscriptionId.slice(subscriptionId.lastIndexOf("/") + 1);
  return `pinrelay-${subscription}-${shopId}-${thousand}`;
}
