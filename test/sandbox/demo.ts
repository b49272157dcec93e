import { openDatabase } from "#app/platform/db.server.ts";
import { checkSums } from "./demo/check-sums.ts";
import { installDemoShop } from "./demo/install-demo-shop.ts";
import { sendDay } from "./demo/send-day.ts";
import { type Stack, startApp, startServers } from "./demo/start-stack.ts";
import { watchEvents } from "./demo/watch-events.ts";

/**
 * `npm run demo`: a day of a shop, from signed webhooks to what Pinterest holds, with nothing but
 * this machine. `--once` ends after the table: exit code 0 when the sums match, else 1.
 */

const SETTLED_WITHIN_MS = 120_000;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<number> {
  say("Starting Postgres, a local Shopify, a local Pinterest and the app …");
  const servers = await startServers({ logLevel: "error" });
  const stack: Stack = { ...servers, app: await startApp(servers) };
  const isWhole = await playDay(stack);
  if (!process.argv.includes("--once")) await untilInterrupted(stack);
  await stack.app.stop();
  await stack.close();
  return isWhole ? 0 : 1;
}

async function playDay(stack: Stack): Promise<boolean> {
  const shop = await installDemoShop(stack);
  say(`${shop.domain} has installed the app and is connected to ad account ${shop.adAccountId}.\n`);
  const { DATA_DIR, DATABASE_URL } = stack.env as { DATA_DIR: string; DATABASE_URL?: string };
  const db = await openDatabase({ DATA_DIR, ...(DATABASE_URL !== undefined && { DATABASE_URL }) });
  const watch = await watchEvents(db, shop.domain, say);
  const sent = await sendDay(stack, shop, say);
  const watched = await watch.untilSettled(SETTLED_WITHIN_MS);
  await watch.stop();
  await db.close();
  const { table, faults } = checkSums(stack, shop, sent, watched);
  say(`\n${table}\n`);
  say(faults.length === 0 ? "The sums match." : `The sums do not match: ${faults.join("; ")}.`);
  const store = shop.domain.replace(".myshopify.com", "");
  say(`\nAdmin: ${stack.shopify.url}/store/${store}/apps/pinrelay`);
  return faults.length === 0;
}

async function untilInterrupted(stack: Stack): Promise<void> {
  say("Open it in any browser. Ctrl-C ends the demo.");
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
