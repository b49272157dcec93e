import { addressOf, createPerson, type Person, placeOf } from "../sample-people.ts";
import { createRandom } from "../sample-random.ts";
import { createHeadlessShopper } from "../storefront/headless-shopper.ts";
import type { DemoShop } from "./install-demo-shop.ts";
import type { Say } from "./send-day.ts";
import type { Stack } from "./start-stack.ts";

/** What shoppers did in the store, and what of it the app was told by whom. */
export interface SoldInStorefront {
  /** Ids of the orders, of the shoppers without the pixel and of the same ones with it. */
  without: Round;
  with: Round;
  webhooks: number;
  /** Webhooks whose last answer was not 200. */
  unanswered: number;
  /** Orders, checkouts, customers, and steps that only the browser told of, each once. */
  sources: number;
}

interface Round {
  orderIds: Set<string>;
  /** The browser's ids of the purchases. */
  browserIds: Set<string>;
  /** Addresses that the shoppers came from: each round has its own. */
  ips: Set<string>;
}

interface DemoShopper {
  person: Person;
  region: string;
  clickId: string;
  /** Came from a pin, left, and buys on another day: the order's landing page has no click id. */
  comesBack: boolean;
}

const SEED = 20_261_130;
const SHOPPERS = 6;
const REGIONS = ["US", "GB", "US-CA", "DE", "US", "CA"];
/** Steps of a shopper that no webhook tells of. */
const BROWSER_ONLY =
  "page_viewed product_viewed collection_viewed search_submitted product_added_to_cart payment_info_submitted".split(
    " ",
  );
const USER_AGENT =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

/** The same people every time. */
export function demoShoppers(): DemoShopper[] {
  const random = createRandom(SEED);
  return Array.from({ length: SHOPPERS }, (_, index) => {
    const region = REGIONS[index % REGIONS.length] ?? "US";
    const person = createPerson(random, placeOf(region.split("-")[0] ?? "US"));
    return { person, region, clickId: `dj0yJnU9${random.hex(24)}`, comesBack: index % 2 === 0 };
  });
}

/**
 * The same shoppers buy twice in the demo shop's online store: while a blocker keeps the app's pixel
 * from telling anything, and with the pixel.
 */
export async function sellInStorefront(
  { shopify }: Pick<Stack, "shopify">,
  { domain }: DemoShop,
  say: Say,
): Promise<SoldInStorefront> {
  const { storefront } = shopify;
  const before = { bodies: storefront.bodies.length, deliveries: storefront.deliveries.length };
  const rounds: Round[] = [];
  for (const isPixelBlocked of [true, false]) {
    const pixel = isPixelBlocked ? "without" : "with";
    say(`${SHOPPERS} shoppers buy in the online store, ${pixel} Pinrelay's pixel.`);
    const soldBefore = storefront.floor(domain).orders.length;
    const toldBefore = storefront.bodies.length;
    const ips = new Set<string>();
    for (const [index, shopper] of demoShoppers().entries()) {
      const ip = `203.0.113.${(isPixelBlocked ? 100 : 200) + index}`;
      ips.add(ip);
      await buy((path) => storefront.url(domain, path), shopper, { ip, isPixelBlocked });
    }
    const orders = storefront.floor(domain).orders.slice(soldBefore);
    const told = storefront.bodies.slice(toldBefore).map(({ body }) => body as Told);
    const completed = told.filter(({ event }) => event.name === "checkout_completed");
    rounds.push({
      orderIds: new Set(orders.map(({ id }) => String(id))),
      browserIds: new Set(completed.map(({ event }) => event.id)),
      ips,
    });
  }
  const told = storefront.bodies.slice(before.bodies).map(({ body }) => body as Told);
  const sent = storefront.deliveries.slice(before.deliveries);
  const [without, withPixel] = rounds as [Round, Round];
  return {
    without,
    with: withPixel,
    webhooks: sent.length,
    unanswered: sent.filter(({ status }) => status !== 200).length,
    // An order, its checkout and its customer, however many webhooks each of them causes.
    sources:
      3 * (without.orderIds.size + withPixel.orderIds.size) +
      told.filter(({ event }) => BROWSER_ONLY.includes(event.name)).length,
  };
}

let visitors = 0;

/** One shopper more, who buys with the pixel: the demo that stays open goes on selling. */
export async function sellOneInStorefront(
  { shopify }: Pick<Stack, "shopify">,
  { domain }: DemoShop,
): Promise<void> {
  const shoppers = demoShoppers();
  const shopper = shoppers[visitors % shoppers.length];
  visitors += 1;
  if (shopper === undefined) return;
  const where = { ip: `198.51.100.${visitors % 250}`, isPixelBlocked: false };
  await buy((path) => shopify.storefront.url(domain, path), shopper, where);
}

interface Told {
  event: { id: string; name: string };
}

async function buy(
  url: (path: string) => string,
  { person, region, clickId, comesBack }: DemoShopper,
  { ip, isPixelBlocked }: { ip: string; isPixelBlocked: boolean },
): Promise<void> {
  const shopper = createHeadlessShopper({ userAgent: USER_AGENT, ip, isPixelBlocked });
  await shopper.visit(url(`products/wool-throw?epik=${clickId}&country=${region}`));
  await shopper.consent(true);
  if (comesBack) shopper.leave();
  await shopper.visit(url("collections/kitchen"));
  await shopper.visit(url("search?q=mug"));
  await shopper.visit(url("products/stoneware-mug"));
  await shopper.submit("cart/add");
  await shopper.visit(url("cart"));
  await shopper.submit("checkout");
  const { first_name, last_name, address1, zip, city } = addressOf(person);
  const who = { email: person.email, phone: person.phone };
  await shopper.submit("information", { ...who, first_name, last_name, address1, zip, city });
  await shopper.submit("pay");
}

/** What the pixel adds, from what the local Pinterest holds. */
export function compareRounds(
  { pinterest }: Pick<Stack, "pinterest">,
  { adAccountId }: DemoShop,
  sold: SoldInStorefront,
): string {
  const taken = pinterest.ledger.accepted.filter((one) => one.adAccountId === adAccountId);
  const columns = [sold.without, sold.with].map(({ orderIds, browserIds, ips }) => {
    const userData = (one: (typeof taken)[number]) =>
      (one.event?.user_data ?? {}) as Record<string, unknown>;
    const ofRound = taken.filter((one) => ips.has(String(userData(one).client_ip_address)));
    const purchases = taken.filter(({ eventName, event }) => {
      const custom = (event?.custom_data ?? {}) as { order_id?: string };
      return eventName === "checkout" && orderIds.has(custom.order_id ?? "");
    });
    const having = (key: string) => purchases.filter((one) => key in userData(one)).length;
    const keys = purchases.reduce((sum, one) => sum + Object.keys(userData(one)).length, 0);
    return [
      String(ofRound.length),
      String(purchases.length),
      String(purchases.filter(({ eventId }) => browserIds.has(eventId)).length),
      String(having("click_id")),
      (keys / Math.max(purchases.length, 1)).toFixed(1),
    ];
  });
  const rows = [
    "events of the shoppers",
    "purchases",
    "… under the browser's id",
    "… with Pinterest's click id",
    "match keys of a purchase",
  ].map((name, index) => [name, ...columns.map((column) => column[index] ?? "")]);
  return [["", "without", "with"], ...rows]
    .map(
      ([name = "", ...cells]) =>
        `  ${name.padEnd(30)}${cells.map((cell) => cell.padStart(10)).join("")}`,
    )
    .join("\n");
}
