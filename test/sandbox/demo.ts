import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { checkSums } from "./demo/check-sums.ts";
import { furnishOtherShops, furnishShop } from "./demo/furnish-shop.ts";
import { type DemoShop, installDemoShop } from "./demo/install-demo-shop.ts";
import { compareRounds, sellInStorefront, sellOneInStorefront } from "./demo/sell-in-storefront.ts";
import { sendDay, sendWebhook } from "./demo/send-day.ts";
import { type Stack, startApp, startServers } from "./demo/start-stack.ts";
import { watchEvents } from "./demo/watch-events.ts";
import { sampleDay } from "./sample-day.ts";

/**
 * `npm run demo`: a day of a shop, from signed webhooks to what Pinterest holds, with nothing but
 * this machine. `--once` ends after the table: exit code 0 if the sums match, otherwise 1.
 */

const SETTLED_WITHIN_MS = 120_000;
const ORDER_EVERY_MS = 20_000;
/** The one order of a sample day is placed at its noon. */
const HALF_A_DAY_MS = 12 * 60 * 60 * 1_000 + 30_000;
/** Orders that come while the demo is open are numbered from here. */
const FIRST_SOLD = 1_000;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<number> {
  say("Starting Postgres, a local Shopify, a local Pinterest and the app …");
  const servers = await startServers({ logLevel: "error" });
  const stack: Stack = { ...servers, app: await startApp(servers) };
  const shop = await installDemoShop(stack);
  const { DATA_DIR, DATABASE_URL } = stack.env as { DATA_DIR: string; DATABASE_URL?: string };
  const db = await openDatabase({ DATA_DIR, ...(DATABASE_URL !== undefined && { DATABASE_URL }) });
  const isWhole = await playDay(stack, shop, db);
  if (process.argv.includes("--once")) sayAddresses(stack, shop.domain);
  else await stayOpen(stack, shop, db);
  await db.close();
  await stack.app.stop();
  await stack.close();
  return isWhole ? 0 : 1;
}

async function playDay(stack: Stack, shop: DemoShop, db: Database): Promise<boolean> {
  say(`${shop.domain} has installed the app and is connected to ad account ${shop.adAccountId}.\n`);
  const watch = await watchEvents(db, shop.domain, say);
  const sent = await sendDay(stack, shop, say);
  const sold = await sellInStorefront(stack, shop, say);
  const watched = await watch.untilSettled(SETTLED_WITHIN_MS);
  await watch.stop();
  const { table, faults } = checkSums(stack, shop, sent, sold, watched);
  say(`\n${table}\n`);
  say(
    `What the online store's pixel adds, for the same shoppers:\n${compareRounds(stack, shop, sold)}\n`,
  );
  say(faults.length === 0 ? "The sums match." : `The sums do not match: ${faults.join("; ")}.`);
  return faults.length === 0;
}

/** Shows the admin with a month of a shop in it, and goes on selling until somebody ends it. */
async function stayOpen(stack: Stack, shop: DemoShop, db: Database): Promise<void> {
  say("\nAdding a month of orders, a sign-in with Pinterest, tags, and two more stores …");
  await furnishShop(stack, shop, db);
  const others = await furnishOtherShops(stack);
  sayAddresses(stack, shop.domain);
  say(`A store that is not connected: ${adminUrl(stack, others[0] ?? "")}`);
  say(`A store that Pinterest refuses: ${adminUrl(stack, others[1] ?? "")}`);
  say("Open them in any browser. An order comes every 20 seconds. Ctrl-C ends the demo.");
  const sell = () =>
    sellOne(stack, shop).catch((error: unknown) => say(`A sale failed: ${String(error)}`));
  const selling = setInterval(() => void sell(), ORDER_EVERY_MS);
  await untilInterrupted(stack);
  clearInterval(selling);
}

function sayAddresses(stack: Stack, domain: string): void {
  say(`\nAdmin: ${adminUrl(stack, domain)}`);
  say(`Online store: ${stack.shopify.storefront.url(domain)}`);
}

function adminUrl({ shopify }: Stack, domain: string): string {
  return `${shopify.url}/store/${domain.replace(".myshopify.com", "")}/apps/pinrelay`;
}

let sold = 0;

/** In turns in the online store, step by step, and by a day's webhooks. */
async function sellOne(stack: Stack, shop: DemoShop): Promise<void> {
  sold += 1;
  if (sold % 2 === 0) {
    await sellOneInStorefront(stack, shop);
    return;
  }
  const webhooks = sampleDay({
    seed: sold,
    start: new Date(Date.now() - HALF_A_DAY_MS),
    count: 1,
    before: FIRST_SOLD + sold,
  });
  for (const webhook of webhooks) await sendWebhook(stack, shop.domain, webhook);
}

async function untilInterrupted(stack: Stack): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await Promise.race([interrupted, stack.app.exit]);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exit(1);
  },
);
