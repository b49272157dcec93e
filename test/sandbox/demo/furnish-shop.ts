import { computeLane } from "#app/events/lane.ts";
import type { Database } from "#app/platform/db.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { sampleDay } from "../sample-day.ts";
import { fillHistory } from "./fill-history.ts";
import { type DemoShop, installShop } from "./install-demo-shop.ts";
import { ORDERS, sendWebhook } from "./send-day.ts";
import { signIn } from "./sign-in.ts";
import type { Stack } from "./start-stack.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Days before yesterday whose orders Pinterest still takes. */
const EARLIER_DAYS = 4;
const ORDERS_A_DAY = 14;

/** Adds what the demo shows besides the day: a month of the shop, its sign-in, its tags. */
export async function furnishShop(stack: Stack, shop: DemoShop, db: Database): Promise<void> {
  furnishPinterest(stack, shop);
  await signIn(stack.env, db, shop);
  for (let day = 1; day <= EARLIER_DAYS; day += 1) {
    const start = new Date(Date.now() - (day + 1) * DAY_MS);
    const before = ORDERS + day * ORDERS_A_DAY;
    for (const webhook of sampleDay({ seed: day, start, count: ORDERS_A_DAY, before })) {
      await sendWebhook(stack, shop.domain, webhook);
    }
  }
  const found = await findShop({ db }, shop.domain);
  if (found === null) return;
  const { id } = found;
  const lane = computeLane(shop.domain);
  const past = await fillHistory(db, { id, lane, adAccountId: shop.adAccountId }, Date.now());
  for (const { at, reason } of past.filter(({ kind }) => kind === "checkout")) {
    const processedAt = (at ?? new Date()).toISOString();
    stack.shopify.orderCounts.place(shop.domain, { processedAt, test: reason === "test_order" });
  }
}

function furnishPinterest({ pinterest }: Stack, { adAccountId }: DemoShop): void {
  const { directory } = pinterest;
  directory.addAccount({ id: adAccountId, name: "Acme US", permissions: ["ADMIN"] });
  directory.addAccount({
    id: "549812340077",
    name: "Acme EU",
    currency: "EUR",
    country: "DE",
    permissions: ["FINANCE_MANAGER"],
  });
  directory.addAccount({
    id: "549812340078",
    name: "Acme Studio",
    permissions: ["CAMPAIGN_MANAGER"],
  });
  const fired = directory.createTag(adAccountId, { name: "Acme main", aem_enabled: true });
  Object.assign(fired, {
    enhanced_match_status: "VALIDATION_COMPLETE",
    last_fired_time_ms: Date.now() - 4 * 60_000,
  });
  const old = directory.createTag(adAccountId, { name: "Old tag" });
  Object.assign(old, { status: "PAUSED", enhanced_match_status: "NOT_VALIDATED" });
}

/** Two more stores, for the states that a healthy one does not have. */
export async function furnishOtherShops(stack: Stack): Promise<string[]> {
  const newcomer = "new-store.myshopify.com";
  const refused = { domain: "refused-store.myshopify.com", adAccountId: "549755885999" };
  await installShop(stack, newcomer);
  await installShop(stack, refused.domain, refused.adAccountId);
  stack.pinterest.directory.addAccount({ id: refused.adAccountId, name: "Refused" });
  stack.pinterest.fail({ kind: "status", status: 401, adAccountId: refused.adAccountId });
  const start = new Date(Date.now() - DAY_MS);
  for (const domain of [newcomer, refused.domain]) {
    for (const webhook of sampleDay({ seed: 3, start, count: 12 })) {
      await sendWebhook(stack, domain, webhook);
    }
  }
  return [newcomer, refused.domain];
}
