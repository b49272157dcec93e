import { expect, type Page } from "@playwright/test";
import { listEvents } from "#app/commands/events.server.ts";
import { connectShop } from "#app/commands/shops.server.ts";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import type { AcceptedEvent } from "#test/sandbox/pinterest/ledger.ts";
import type { StorefrontPlan } from "#test/sandbox/storefront/open-shop.ts";
import { shopNamed } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { visitAdmin } from "./admin-world.ts";
import { type LocalStack, startLocalStack } from "./local-stack.ts";

/** Shops to buy in, between a local Shopify and a local Pinterest. */
export interface StorefrontWorld extends LocalStack {
  db: Database;
  /** A shop of its own for a test, connected, with the app's pixel. */
  openShop(name: string, settings?: Record<string, unknown>): Promise<StorefrontShop>;
}

export interface StorefrontShop {
  domain: string;
  adAccountId: string;
  url(path?: string): string;
  plan(changes: Partial<StorefrontPlan>): void;
  releaseWebhooks(): Promise<void>;
  /** The shop's last order. */
  order(): { id: string; token: string };
  /** What the local Pinterest holds of the shop, by the name of the event. */
  taken(name?: string): AcceptedEvent[];
  /** What pixels sent and the app took, by the name of Shopify's event. */
  told(...names: string[]): TellTale[];
  /** Pages that pixels told of. */
  toldPages(): number;
  /** The app's own list: the reasons of what is not sent are there. */
  listEvents(): ReturnType<typeof eventsOf>;
}

/** The parts of a pixel's body that tests look at. */
export interface TellTale {
  click_id?: string;
  consent: Record<string, boolean>;
  event: { id: string; name: string; clientId?: string };
}

/** The address of the proxy that says where a shopper comes from. */
const PROXY = "127.0.0.1";
const FIRST_ACCOUNT = 549_755_900_000;
const LIMIT = 200;

export async function openStorefrontWorld(): Promise<StorefrontWorld> {
  const stack = await startLocalStack({ TRUST_PROXY: PROXY });
  const db = await openDatabase({ DATA_DIR: stack.dataDir });
  let shops = 0;
  return {
    ...stack,
    db,
    async openShop(name, settings = {}) {
      shops += 1;
      const shop = { domain: `${name}.myshopify.com`, adAccountId: String(FIRST_ACCOUNT + shops) };
      await install(stack, db, shop, settings);
      return describeShop(stack, db, shop);
    },
    async close() {
      await db.close();
      await stack.close();
    },
  };
}

async function install(
  stack: LocalStack,
  db: Database,
  { domain, adAccountId }: { domain: string; adAccountId: string },
  changes: Record<string, unknown>,
): Promise<void> {
  await visitAdmin(stack, domain);
  const connection = { shop: domain, adAccount: adAccountId, tokenEnv: "PINTEREST_TOKEN" };
  const env = { ...stack.env, PINTEREST_TOKEN: "pina_e2e_token" };
  await connectShop({ env }, connection);
  const changed = await changeSettings({ db }, { domain, changes, actor: "cli" });
  if (!changed.ok) throw new Error(JSON.stringify(changed.faults));
  await eventually(() => stack.shopify.webPixels.of(domain));
}

async function eventsOf(db: Database, domain: string) {
  const { id } = await shopNamed(db, domain);
  return (await listEvents({ db }, id, { limit: LIMIT })).events;
}

function describeShop(
  { shopify, pinterest }: LocalStack,
  db: Database,
  shop: { domain: string; adAccountId: string },
): StorefrontShop {
  const { domain, adAccountId } = shop;
  const { storefront } = shopify;
  const told = (...names: string[]) =>
    storefront.bodies
      .filter((one) => one.shop === domain && one.status === 202)
      .map(({ body }) => body as TellTale)
      .filter(({ event }) => names.includes(event.name));
  return {
    ...shop,
    url: (path) => storefront.url(domain, path),
    plan: (changes) => storefront.plan(domain, changes),
    releaseWebhooks: () => storefront.releaseWebhooks(domain),
    order() {
      const order = storefront.floor(domain).orders.at(-1);
      if (order === undefined) throw new Error("nothing was bought");
      return { id: String(order.id), token: order.checkoutToken };
    },
    taken: (name) =>
      pinterest.ledger.accepted.filter(
        (one) => one.adAccountId === adAccountId && (name ?? one.eventName) === one.eventName,
      ),
    told,
    toldPages: () => told("page_viewed", "product_viewed").length,
    listEvents: () => eventsOf(db, domain),
  };
}

/** A shopper in a browser. */
export interface Shopper {
  page: Page;
  land(path: string): Promise<void>;
  answer(answer: "Accept" | "Decline" | "Opt out"): Promise<void>;
  follow(link: string): Promise<void>;
  search(word: string): Promise<void>;
  addToCart(): Promise<void>;
  checkOut(): Promise<void>;
  fillIn(): Promise<void>;
  pay(): Promise<void>;
  /** From a product's page to the thanks. */
  buy(): Promise<void>;
}

/**
 * `isTold`: the pixel runs, and a page is left only when it has told of it: who clicks faster leaves
 * no trace of the page, in a real shop too.
 */
export function createShopper(
  page: Page,
  shop: StorefrontShop,
  { isTold = true }: { isTold?: boolean } = {},
): Shopper {
  let pages = 0;
  const untilTold = async () => {
    if (!isTold) return;
    pages += 1;
    await eventually(() => shop.toldPages() >= pages);
  };
  const heading = (name: string | RegExp) => page.getByRole("heading", { level: 1, name });
  const shopper: Shopper = {
    page,
    async land(path) {
      await page.goto(shop.url(path));
      if (!(await page.getByRole("region", { name: "Cookie consent" }).isVisible()))
        await untilTold();
    },
    async answer(answer) {
      const banner = page.getByRole("region", { name: "Cookie consent" });
      const isAsked = await banner.isVisible();
      if (!isAsked) await page.getByRole("button", { name: "Privacy choices" }).click();
      await banner.getByRole("button", { name: answer }).click();
      await expect(banner).toBeHidden();
      if (isAsked) await untilTold();
    },
    async follow(link) {
      await page.getByRole("link", { name: link }).first().click();
      await untilTold();
    },
    async search(word) {
      await page.getByRole("searchbox").fill(word);
      await page.keyboard.press("Enter");
      await expect(heading(new RegExp(word))).toBeVisible();
      await untilTold();
    },
    async addToCart() {
      await page.getByRole("button", { name: "Add to cart" }).click();
      await expect(page.getByText("Added.")).toBeVisible();
      if (isTold) await eventually(() => shop.told("product_added_to_cart").length > 0);
    },
    async checkOut() {
      await shopper.follow("Cart");
      await page.getByRole("button", { name: "Check out" }).click();
      await expect(heading("Checkout")).toBeVisible();
      await untilTold();
    },
    async fillIn() {
      await page.getByRole("button", { name: "Continue to payment" }).click();
      await expect(heading("Payment")).toBeVisible();
      await untilTold();
    },
    async pay() {
      await page.getByRole("button", { name: "Pay now" }).click();
      await expect(heading(/^Thank you/)).toBeVisible();
      await untilTold();
    },
    async buy() {
      await shopper.addToCart();
      await shopper.checkOut();
      await shopper.fillIn();
      await shopper.pay();
    },
  };
  return shopper;
}
