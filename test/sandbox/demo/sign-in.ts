import { createPinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { chooseAdAccount } from "#app/shops/connection/choose-ad-account.server.ts";
import { finishSignIn } from "#app/shops/connection/finish-sign-in.server.ts";
import { beginSignIn, handleSignInAnswer } from "#app/shops/connection/sign-in-attempt.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { SANDBOX_USER } from "../shopify/session-token.ts";

const ACTOR = `user:${SANDBOX_USER}`;

/** Signs a shop in with the local Pinterest, as its owner does by the consent page. */
export async function signIn(
  env: Record<string, string>,
  db: Database,
  { domain, adAccountId }: { domain: string; adAccountId: string },
): Promise<void> {
  const config = parseEnv(env);
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  const pinterest = createPinterestClient({
    apiUrl: config.PINTEREST_API_URL,
    clientId: config.PINTEREST_CLIENT_ID,
    clientSecret: config.PINTEREST_CLIENT_SECRET,
  });
  const services = { db, keyring, config, pinterest, nowMs: Date.now };
  const shop = await findShop({ db }, domain);
  if (shop === null) throw new Error(`${domain} is not installed.`);
  const consent = await fetch((await beginSignIn(services, shop, ACTOR)) ?? "");
  const allow = /id="allow" href="([^"]*)"/.exec(await consent.text())?.[1] ?? "";
  const answer = new URL(allow.replaceAll("&#38;", "&")).searchParams;
  const back = new URL((await handleSignInAnswer(services, answer)) ?? "");
  await finishSignIn(services, shop, ACTOR, back.searchParams.get("sign_in") ?? "");
  const chosen = await chooseAdAccount(services, shop, adAccountId, ACTOR);
  if (chosen !== "connected") throw new Error(`the sign-in of ${domain} ended ${chosen}`);
  await pinterest.close();
}
