import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Stack } from "./start-stack.ts";

export interface DemoShop {
  domain: string;
  adAccountId: string;
}

const AD_ACCOUNT = 549_755_885_000;
export const DEMO_TOKEN = "pina_DEMO_conversion_token_of_the_local_Pinterest";
/** Shopify's library turns bots away, and takes anything that is not a browser for one. */
const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

/** A shop that was not there before, connected to an ad account of its own. */
export async function installDemoShop(stack: Stack): Promise<DemoShop> {
  const { shops } = await pinrelay(stack, ["shop", "list"]);
  const number = shops.length + 1;
  const shop = {
    domain: `${number === 1 ? "demo" : `demo-${number}`}.myshopify.com`,
    adAccountId: String(AD_ACCOUNT + number),
  };
  stack.pinterest.directory.addToken(DEMO_TOKEN, { kind: "conversion" });
  await installShop(stack, shop.domain, shop.adAccountId);
  // The shop's own banner asks in Europe; it has none in French yet, so that French orders are not sent.
  const asked = ["consent.EU=respect", "consent.GB=respect", "consent.FR=require"];
  await pinrelay(stack, ["shop", "set", "--shop", shop.domain, ...asked]);
  return shop;
}

/**
 * Opens the admin as a merchant's browser does, which installs the app by token exchange, and
 * connects an ad account with the `pinrelay` command.
 */
export async function installShop(
  stack: Stack,
  domain: string,
  adAccountId?: string,
): Promise<void> {
  const page = await fetch(stack.shopify.frameUrl(domain), { headers: { "User-Agent": BROWSER } });
  if (!page.ok)
    throw new Error(`The admin answered ${page.status} to the first visit of ${domain}.`);
  if (adAccountId === undefined) return;
  const account = ["--ad-account", adAccountId, "--token-env", "DEMO_TOKEN"];
  await pinrelay(stack, ["shop", "connect", "--shop", domain, ...account]);
}

/** Runs the command as an operator does; rejects with what it printed when it fails. */
// biome-ignore lint/suspicious/noExplicitAny: whatever JSON the command prints
async function pinrelay({ env }: Stack, args: string[]): Promise<any> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["app/pinrelay.mjs", ...args, "--json"],
    { env: { ...env, DEMO_TOKEN } },
  );
  return JSON.parse(stdout);
}
