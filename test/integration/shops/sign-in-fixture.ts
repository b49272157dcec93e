import { createPinterestClient, type PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { chooseAdAccount } from "#app/shops/connection/choose-ad-account.server.ts";
import { finishSignIn, type SignInEnd } from "#app/shops/connection/finish-sign-in.server.ts";
import { beginSignIn, handleSignInAnswer } from "#app/shops/connection/sign-in-attempt.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import type { LocalPinterest } from "#test/sandbox/local-pinterest.ts";

export const OWNER = "user:1";
export const US_ACCOUNT = "549769530006";
export const EU_ACCOUNT = "549812340077";
export const FINANCE_ACCOUNT = "549812340099";

export type Shop = { id: bigint; domain: string };

/** The services of signing in, as a serving process has them, with a clock that can be set. */
export interface SignInServices {
  db: Database;
  keyring: Keyring;
  pinterest: PinterestClient;
  config: {
    PINTEREST_OAUTH_URL: string;
    PINTEREST_CLIENT_ID: string | undefined;
    SHOPIFY_APP_URL: string;
    SHOPIFY_API_KEY: string;
  };
  nowMs: () => number;
}

export function signInServices(
  { db, keyring }: { db: Database; keyring: Keyring },
  local: LocalPinterest,
): SignInServices {
  const { id: clientId, secret: clientSecret } = local.oauthClient;
  return {
    db,
    keyring,
    pinterest: createPinterestClient({ apiUrl: local.url, clientId, clientSecret }),
    config: {
      PINTEREST_OAUTH_URL: local.oauthUrl,
      PINTEREST_CLIENT_ID: clientId,
      SHOPIFY_APP_URL: "https://app.example",
      SHOPIFY_API_KEY: "app-key",
    },
    nowMs: Date.now,
  };
}

/** Three accounts of one user: two to send to, and one where the user may only see invoices. */
export function addAccounts({ directory }: LocalPinterest): void {
  directory.addAccount({ id: US_ACCOUNT, name: "Acme US", permissions: ["ADMIN"] });
  directory.addAccount({
    id: EU_ACCOUNT,
    name: "Acme EU",
    currency: "EUR",
    permissions: ["CAMPAIGN_MANAGER"],
  });
  directory.addAccount({ id: FINANCE_ACCOUNT, name: "Acme UK", permissions: ["FINANCE_VIEW"] });
}

let shops = 0;
export async function newShop(db: Database): Promise<Shop> {
  shops += 1;
  const domain = `sign-in-${shops}.myshopify.com`;
  const { id } = await installShop({ db }, { domain });
  return { id, domain };
}

/** Follows Pinterest's consent page as a browser would; returns what it sends back with. */
export async function consent(address: string, choice: "allow" | "deny"): Promise<URLSearchParams> {
  const page = await (await fetch(address)).text();
  const href = new RegExp(`id="${choice}" href="([^"]+)"`).exec(page)?.[1] ?? "";
  const text = href.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  return new URL(text).searchParams;
}

/** From the button to the tokens. */
export async function signIn(
  services: SignInServices,
  shop: Shop,
  actor = OWNER,
): Promise<SignInEnd> {
  const address = await beginSignIn(services, shop, actor);
  const back = await handleSignInAnswer(services, await consent(address ?? "", "allow"));
  const grant = new URL(back ?? "").searchParams.get("sign_in") ?? "";
  return finishSignIn(services, shop, actor, grant);
}

/** A shop that has signed in and chosen its ad account. */
export async function signedInShop(
  services: SignInServices,
  adAccountId = US_ACCOUNT,
): Promise<Shop> {
  const shop = await newShop(services.db);
  await signIn(services, shop);
  const chosen = await chooseAdAccount(services, shop, adAccountId, OWNER);
  if (chosen !== "connected") throw new Error(`the account was answered ${chosen}`);
  return shop;
}

export interface ConnectionRow {
  ad_account_id: string;
  state: string;
  pause_reason: string | null;
  kind: string;
  token: Buffer;
  refresh_token: Buffer | null;
  conversion_token: Buffer | null;
  conversion_token_at: Date | null;
  token_expires_at: Date | null;
  refresh_expires_at: Date | null;
  renewal_failed_at: Date | null;
  signed_in_as: string | null;
  scopes: string;
  account_name: string | null;
  account_currency: string | null;
  tested_at: Date | null;
  test_result: string | null;
}

export async function connectionRow(
  db: Database,
  { id }: { id: bigint },
): Promise<ConnectionRow | undefined> {
  const { rows } = await db.pool.query<ConnectionRow>(
    "select * from connection where shop_id = $1",
    [id],
  );
  return rows[0];
}
