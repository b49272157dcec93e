import { createHash } from "node:crypto";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { takePicture, watchComplaints } from "#test/e2e/world/admin-world.ts";
import {
  createShopper,
  openStorefrontWorld,
  type StorefrontShop,
  type StorefrontWorld,
} from "#test/e2e/world/storefront-world.ts";
import type { AcceptedEvent } from "#test/sandbox/pinterest/ledger.ts";
import { eventually } from "#test/support/poll.ts";

const CLICK_ID = "dj0yJnU9UEluVGVyRVNUd2FzSEVSRQ";
const FROM_PIN = `products/linen-apron?epik=${CLICK_ID}`;
/** Of the addresses that are only for documentation: the local Shopify's shopper comes from it. */
const IP = "203.0.113.24";
/** A page's visit waits this long for more to come. */
const PAGES_DEADLINE = { deadlineMs: 90_000 };

let world: StorefrontWorld;
const complaints = watchComplaints();

test.beforeAll(async () => {
  world = await openStorefrontWorld();
});
test.afterAll(() => world?.close());

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** How many of each kind Pinterest holds. */
function countKinds(events: AcceptedEvent[]): Record<string, number> {
  const kinds = Map.groupBy(events, ({ eventName }) => eventName);
  return Object.fromEntries([...kinds].map(([kind, of]) => [kind, of.length]));
}

function userData(event: AcceptedEvent | undefined): Record<string, unknown> {
  return (event?.event?.user_data ?? {}) as Record<string, unknown>;
}

/** The shop's one purchase at Pinterest, once it is there. */
async function purchaseOf(shop: StorefrontShop): Promise<AcceptedEvent> {
  return eventually(() => shop.taken("checkout")[0], PAGES_DEADLINE);
}

test("a shopper from a pin who consents: Pinterest gets each step once, with the browser's ids, click id, address and browser", async ({
  page,
}) => {
  const shop = await world.openShop("from-a-pin");
  shop.plan({ orderWebhooks: "held" });
  const shopper = createShopper(page, shop);
  await shopper.land(`${FROM_PIN}&country=DE`);
  expect(shop.told("product_viewed")).toEqual([]);
  await shopper.answer("Accept");
  await shopper.follow("Kitchen");
  await shopper.search("mug");
  await shopper.follow("Stoneware Mug");
  await shopper.buy();
  const [completed] = await eventually(() => {
    const told = shop.told("checkout_completed");
    return told.length > 0 ? told : null;
  });
  await shop.releaseWebhooks();
  const expected = {
    page_visit: 8,
    view_category: 1,
    search: 1,
    add_to_cart: 1,
    initiate_checkout: 1,
    add_payment_info: 1,
    checkout: 1,
  };
  await expect.poll(() => countKinds(shop.taken()), { timeout: 90_000 }).toEqual(expected);
  const userAgent = await page.evaluate(() => navigator.userAgent);
  for (const taken of shop.taken()) {
    expect(userData(taken), taken.eventName).toMatchObject({
      client_ip_address: IP,
      client_user_agent: userAgent,
      click_id: CLICK_ID,
    });
    const clientId = sha256(completed?.event.clientId ?? "");
    expect(userData(taken).external_id, taken.eventName).toContain(clientId);
  }
  const { id, token } = shop.order();
  expect(shop.taken("checkout")).toMatchObject([
    { eventId: completed?.event.id, event: { custom_data: { order_id: id } } },
  ]);
  const started = [`checkout-${token}-initiate_checkout`, ...idsOf(shop, "checkout_started")];
  expect(started).toContain(shop.taken("initiate_checkout")[0]?.eventId);
  for (const [kind, name] of [
    ["view_category", "collection_viewed"],
    ["search", "search_submitted"],
    ["add_to_cart", "product_added_to_cart"],
    ["add_payment_info", "payment_info_submitted"],
  ] as const) {
    expect(shop.taken(kind).map(({ eventId }) => eventId)).toEqual(idsOf(shop, name));
  }
  const pages = idsOf(shop, "page_viewed", "product_viewed").sort();
  expect(
    shop
      .taken("page_visit")
      .map(({ eventId }) => eventId)
      .sort(),
  ).toEqual(pages);
});

function idsOf(shop: StorefrontShop, ...names: string[]): string[] {
  return shop.told(...names).map(({ event }) => event.id);
}

test("an order whose webhook comes before the browser's word waits for it, and goes under the browser's id", async ({
  page,
}) => {
  const shop = await world.openShop("webhook-first", { hold_seconds: 60 });
  shop.plan({ orderWebhooks: "before_page", orderIdForm: "gid" });
  const shopper = createShopper(page, shop);
  await shopper.land(FROM_PIN);
  await shopper.buy();
  const purchase = await purchaseOf(shop);
  expect([purchase.eventId]).toEqual(idsOf(shop, "checkout_completed"));
  expect(userData(purchase)).toMatchObject({ click_id: CLICK_ID, client_ip_address: IP });
  expect(shop.taken("checkout")).toHaveLength(1);
});

test("where the pixel is blocked the purchase goes by its webhook, with the click id that the theme kept from an earlier visit", async ({
  page,
  context,
}) => {
  const shop = await world.openShop("blocked");
  await page.route("**/pixel", (route) => route.abort());
  const shopper = createShopper(page, shop, { isTold: false });
  await shopper.land(FROM_PIN);
  await eventually(() => page.evaluate(() => localStorage.getItem("_pinrelay_epik")));
  // Another day: the order's landing page is one without a click id.
  await context.clearCookies({ name: "landing_page" });
  await shopper.land("products/stoneware-mug");
  await shopper.buy();
  const purchase = await purchaseOf(shop);
  expect(purchase.eventId).toBe(`order-${shop.order().id}-checkout`);
  expect(userData(purchase)).toMatchObject({ click_id: CLICK_ID, client_ip_address: IP });
  expect(countKinds(shop.taken())).toEqual({ initiate_checkout: 1, checkout: 1 });
  expect(complaints.splice(0).every((text) => text.includes("ERR_FAILED"))).toBe(true);
});

test("an order whose thank-you page never loads goes after the hold, with what the checkout told", async ({
  page,
  context,
}) => {
  const shop = await world.openShop("no-thanks", { hold_seconds: 3 });
  // The pixel alone knows the click id: no theme notes it, and the order's landing page has none.
  shop.plan({ hasEmbed: false });
  const shopper = createShopper(page, shop);
  await shopper.land(FROM_PIN);
  await context.clearCookies({ name: "landing_page" });
  await shopper.land("products/stoneware-mug");
  await shopper.addToCart();
  await shopper.checkOut();
  await shopper.fillIn();
  await page.route("**/thank-you", (route) => route.abort());
  await page.getByRole("button", { name: "Pay now" }).click();
  const purchase = await purchaseOf(shop);
  expect(purchase.eventId).toBe(`order-${shop.order().id}-checkout`);
  expect(userData(purchase)).toMatchObject({ click_id: CLICK_ID, client_ip_address: IP });
  expect(shop.taken("checkout")).toHaveLength(1);
  complaints.length = 0;
});

test("of a shopper who declines nothing is sent, though silence is allowed, and the order says why", async ({
  page,
}) => {
  const shop = await world.openShop("declined", { "consent.EU": "respect" });
  const shopper = createShopper(page, shop, { isTold: false });
  const stored = () => page.evaluate(() => Object.keys(localStorage).join() + document.cookie);
  await shopper.land(`${FROM_PIN}&country=DE`);
  await shopper.answer("Decline");
  const carts = () => [...world.shopify.storefront.floor(shop.domain).carts.values()];
  await eventually(() => carts().length > 0);
  await shopper.buy();
  expect(await stored()).not.toMatch(/pinrelay|epik=dj0/);
  const noted = { _pinrelay_consent: "refused" };
  expect(carts().map(({ attributes }) => attributes)).toEqual([noted]);
  const events = await eventually(async () => {
    const listed = await shop.listEvents();
    return listed.some(({ event_name }) => event_name === "checkout") ? listed : null;
  });
  const ofOrder = events.filter(({ event_name }) => event_name !== "signup");
  expect(ofOrder.map(({ state }) => state)).toEqual(ofOrder.map(() => "skipped"));
  for (const { reason } of ofOrder) expect(reason).toBe("consent_refused");
  expect([shop.taken(), shop.told("product_viewed", "page_viewed")]).toEqual([[], []]);
});

test("a shopper who withdraws consent in the checkout: the purchase is not sent", async ({
  page,
}) => {
  const shop = await world.openShop("withdrawn");
  const shopper = createShopper(page, shop);
  await shopper.land(`${FROM_PIN}&country=DE`);
  await shopper.answer("Accept");
  await shopper.addToCart();
  await shopper.checkOut();
  await shopper.answer("Decline");
  await eventually(() => shop.told("consent_changed").length > 0);
  const hesitant = createShopper(page, shop, { isTold: false });
  await hesitant.fillIn();
  await hesitant.pay();
  const purchase = await eventually(async () => {
    const events = await shop.listEvents();
    return events.find(({ event_name }) => event_name === "checkout");
  });
  expect(purchase).toMatchObject({ state: "skipped", reason: "consent_refused" });
  expect(shop.told("payment_info_submitted", "checkout_completed")).toEqual([]);
  expect(shop.taken("checkout")).toEqual([]);
});

test("a Californian who opted out of the sale of data: all is sent with limited use, with state and country", async ({
  page,
}) => {
  const shop = await world.openShop("opted-out");
  const shopper = createShopper(page, shop);
  await shopper.land(`${FROM_PIN}&country=US-CA`);
  await shopper.answer("Opt out");
  await shopper.follow("Kitchen");
  await shopper.follow("Stoneware Mug");
  await shopper.buy();
  const purchase = await purchaseOf(shop);
  const limited = {
    custom_data: { opt_out_type: "LDP" },
    user_data: { st: [sha256("ca")], country: [sha256("us")] },
  };
  expect(purchase.event).toMatchObject(limited);
  // Of the cart no address tells where the shopper is.
  const added = await eventually(() => shop.taken("add_to_cart")[0], PAGES_DEADLINE);
  expect(added.event).toMatchObject(limited);
  expect([purchase.eventId]).toEqual(idsOf(shop, "checkout_completed"));
});

test("sign-ups and a page's own events have the browser's evidence", async ({ page }) => {
  const shop = await world.openShop("newsletter", { signup_from: "any_customer" });
  // Shopify's webhook takes a second or more, and the form's own word is there by then.
  shop.plan({ orderWebhooks: "held" });
  await createShopper(page, shop).land(FROM_PIN);
  await eventually(() => page.evaluate(() => localStorage.getItem("_pinrelay_epik")));
  await page.evaluate(() => {
    const { Shopify } = window as unknown as Tagged;
    Shopify.analytics.publish("pinrelay:lead", { value: 12.5, currency: "USD" });
  });
  await page.getByLabel("Newsletter").fill("Reader@Example.com");
  await page.getByRole("button", { name: "Sign up" }).click();
  await eventually(() => shop.told("pinrelay:signup_form")[0]);
  await shop.releaseWebhooks();
  const signUp = await eventually(() => shop.taken("signup")[0], PAGES_DEADLINE);
  expect(signUp.eventId).toMatch(/^customer-\d+-signup$/);
  expect(userData(signUp)).toMatchObject({
    em: [sha256("reader@example.com")],
    click_id: CLICK_ID,
    client_ip_address: IP,
    client_user_agent: await page.evaluate(() => navigator.userAgent),
  });
  const lead = await eventually(() => shop.taken("lead")[0], PAGES_DEADLINE);
  expect([lead.eventId]).toEqual(idsOf(shop, "pinrelay:lead"));
  expect(lead.event).toMatchObject({ custom_data: { value: "12.5", currency: "USD" } });
  expect([shop.taken("signup").length, shop.taken("lead").length]).toEqual([1, 1]);
});

test("a purchase whose webhooks never come is checked with Shopify", async ({ page }) => {
  const shop = await world.openShop("no-webhooks");
  shop.plan({ orderWebhooks: "held" });
  const shopper = createShopper(page, shop);
  await shopper.land(FROM_PIN);
  await shopper.buy();
  await eventually(() => shop.told("checkout_completed").length > 0);
  // The 15 minutes are over; the job runs each minute.
  await world.db.pool.query(
    "update visit set check_at = now() from shop s where s.id = shop_id and domain = $1 and check_at is not null",
    [shop.domain],
  );
  const purchase = await eventually(() => shop.taken("checkout")[0], { deadlineMs: 90_000 });
  expect([purchase.eventId]).toEqual(idsOf(shop, "checkout_completed"));
  expect(purchase.event).toMatchObject({ custom_data: { order_id: shop.order().id } });
  await shop.releaseWebhooks();
  expect([shop.taken("checkout").length, purchase.count]).toEqual([1, 1]);
});

test("two tabs of one shopper are one shopper, and one purchase", async ({ page, context }) => {
  const shop = await world.openShop("two-tabs");
  const first = createShopper(page, shop);
  await first.land(FROM_PIN);
  const tab = await context.newPage();
  await tab.goto(shop.url("products/wool-throw"));
  await eventually(() => shop.told("product_viewed").length === 2);
  await createShopper(page, shop, { isTold: false }).addToCart();
  const second = createShopper(tab, shop, { isTold: false });
  await second.addToCart();
  await second.checkOut();
  await second.fillIn();
  await page.getByRole("link", { name: "View cart" }).click();
  await second.pay();
  const purchase = await purchaseOf(shop);
  expect([purchase.eventId]).toEqual(idsOf(shop, "checkout_completed"));
  expect(purchase.event).toMatchObject({
    custom_data: { num_items: 2 },
    user_data: { click_id: CLICK_ID },
  });
  const clients = shop
    .told("product_viewed", "checkout_completed")
    .map(({ event }) => event.clientId);
  expect([clients.length, new Set(clients).size]).toEqual([3, 1]);
  expect(shop.taken("checkout")).toHaveLength(1);
  await tab.close();
});

test("a page that is loaded again is one visit, and a thank-you page one purchase", async ({
  page,
}) => {
  const shop = await world.openShop("reloaded");
  const shopper = createShopper(page, shop);
  await shopper.land(FROM_PIN);
  await page.reload();
  await eventually(() => shop.told("product_viewed").length === 2);
  await createShopper(page, shop, { isTold: false }).buy();
  const purchase = await purchaseOf(shop);
  const before = shop.toldPages();
  await page.reload();
  await eventually(() => shop.toldPages() > before);
  expect([purchase.eventId]).toEqual(idsOf(shop, "checkout_completed"));
  const productPages = () =>
    shop
      .taken("page_visit")
      .filter(({ event }) => String(event?.event_source_url).includes("/products/"));
  await eventually(() => productPages().length > 0, PAGES_DEADLINE);
  expect([productPages().length, shop.taken("checkout").length]).toEqual([1, 1]);
});

test("with Pinterest's own pixel beside ours, Pinterest counts one purchase", async ({ page }) => {
  const shop = await world.openShop("two-pixels");
  const { adAccountId } = shop;
  shop.plan({
    orderWebhooks: "before_page",
    pinterestPixel: { url: world.pinterest.tagUrl, adAccountId },
  });
  const shopper = createShopper(page, shop);
  await shopper.land(FROM_PIN);
  await shopper.buy();
  await eventually(() => {
    const [purchase, ...others] = shop.taken("checkout");
    return others.length === 0 && purchase?.count === 1 && purchase.tagCount === 1;
  }, PAGES_DEADLINE);
});

test("the theme's script loads the chosen tag when the shopper consents, and never tracks", async ({
  page,
}) => {
  const shop = await world.openShop("own-tag");
  const tag = "2612345678901";
  world.shopify.putMetafield(shop.domain, "settings.tag_id", tag);
  await page.route("https://s.pinimg.com/**", (route) => route.fulfill({ body: "" }));
  const calls = () => page.evaluate(() => (window as unknown as Tagged).pintrk?.queue ?? null);
  const shopper = createShopper(page, shop);
  await shopper.land(`${FROM_PIN}&country=DE`);
  expect(await calls()).toBeNull();
  await shopper.answer("Accept");
  const loaded = [
    ["setconsent", true],
    ["load", tag, {}],
  ];
  await expect.poll(calls).toEqual(loaded);
  await shopper.answer("Decline");
  await expect.poll(calls).toEqual([...loaded, ["setconsent", false]]);
  expect(complaints.splice(0)).toEqual(["https://s.pinimg.com/ct/core.js"]);
});

test("a tag that the theme has of its own is reported with whether it shares Shopify's ids, and ours stays out", async ({
  page,
}) => {
  const shop = await world.openShop("other-tag");
  const other = "2698765432109";
  world.shopify.putMetafield(shop.domain, "settings.tag_id", "2612345678901");
  shop.plan({
    themeScript: `window.pintrk = Object.assign((...call) => pintrk.queue.push(call), { queue: [] });
      pintrk("load", "${other}"); pintrk("track", "pagevisit", { event_id: "own-1" });`,
  });
  await createShopper(page, shop).land(FROM_PIN);
  const senders = await eventually(async () => {
    const { rows } = await world.db.pool.query(
      "select tag_id, shares_ids from second_sender s join shop on shop.id = s.shop_id where domain = $1",
      [shop.domain],
    );
    return rows.length > 0 ? rows : null;
  });
  expect(senders).toEqual([{ tag_id: other, shares_ids: false }]);
  const events = await shop.listEvents();
  expect(events.every(({ event_name }) => event_name === "page_visit")).toBe(true);
});

interface Tagged {
  Shopify: { analytics: { publish(name: string, data: object): void } };
  pintrk?: { queue: unknown[][] };
}

test("the store's pages fit a phone and are accessible", async ({ page }) => {
  const shop = await world.openShop("phone");
  await page.setViewportSize({ width: 375, height: 800 });
  const shopper = createShopper(page, shop, { isTold: false });
  const inspect = async () => {
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth };
    });
    expect(scrollWidth, page.url()).toBeLessThanOrEqual(clientWidth);
    const axe = new AxeBuilder({ page }).setLegacyMode(true);
    const { violations } = await axe.options({ resultTypes: ["violations"] }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    await takePicture(page, `storefront${new URL(page.url()).pathname.replaceAll("/", "-")}`);
  };
  for (const path of [
    "?country=DE",
    "collections/kitchen",
    "search?q=wool",
    "products/wool-throw",
  ]) {
    await shopper.land(path);
    await inspect();
  }
  await shopper.answer("Accept");
  await shopper.addToCart();
  await shopper.follow("Cart");
  await inspect();
  await page.getByRole("button", { name: "Check out" }).click();
  await inspect();
  await shopper.fillIn();
  await inspect();
  await shopper.pay();
  await inspect();
});
