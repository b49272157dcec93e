import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { askRaw } from "#test/processes/ask-raw.ts";
import { makeShop } from "#test/support/outbox-fixture.ts";
import type { Installation } from "./installation.ts";

export interface SceneShop {
  id: bigint;
  domain: string;
  adAccountId: string;
  token: string;
}

let places = 0;

/** Shops with an ad account and a token each; nothing waits for a browser. */
export async function makeSceneShops(
  { db, env }: Pick<Installation, "db" | "env">,
  count: number,
): Promise<SceneShop[]> {
  const keyring = createKeyring(parseEnv(env).ENCRYPTION_KEYS);
  places += 1;
  const shops: SceneShop[] = [];
  for (let made = 0; made < count; made += 1) {
    const token = `pina_of_shop_${places}_${made}_for_faults`;
    const { id, domain, adAccountId } = await makeShop({ db, keyring }, { token });
    await changeSettings({ db }, { domain, changes: { hold_seconds: 0 }, actor: "test" });
    shops.push({ id, domain, adAccountId, token });
  }
  return shops;
}

/** What a merchant does in the admin: the connection is active again, under the same token. */
export async function reconnect(
  { db, env }: Pick<Installation, "db" | "env">,
  { domain, adAccountId, token }: SceneShop,
): Promise<void> {
  const keyring = createKeyring(parseEnv(env).ENCRYPTION_KEYS);
  await connectAdAccount({ db, keyring }, { domain, adAccountId, token, actor: "test" });
}

/** What the app needs to ask Shopify for the store's orders. */
export async function openInAdmin({ webs, shopify }: Installation, domain: string): Promise<void> {
  const [web] = webs;
  if (web === undefined || shopify === null) throw new Error("nobody to ask");
  shopify.setAppUrl(web.url);
  const authorization = `Bearer ${shopify.sessionToken(domain)}`;
  const headers = { "user-agent": "Mozilla/5.0 Chrome/156", authorization };
  const { status } = await askRaw(web.url, `/app?shop=${domain}`, { headers });
  if (status >= 400) throw new Error(`the store's admin was answered ${status}`);
}
