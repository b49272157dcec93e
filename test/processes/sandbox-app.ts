import type { Database } from "#app/platform/db.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import type { LocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { makeShop } from "#test/support/outbox-fixture.ts";

/** What signs the webhooks of an app that runs in `sandboxEnv`. */
export const SECRET = "secret-of-the-sandbox-app";

export interface SandboxShop {
  id: bigint;
  domain: string;
  adAccountId: string;
}

/** The environment of an app that knows nobody but the test: Shopify is never asked. */
export function sandboxEnv(
  pinterest: Pick<LocalPinterest, "url">,
  place: { DATA_DIR: string; DATABASE_URL?: string },
): Record<string, string> {
  return {
    ...place,
    SHOPIFY_SANDBOX_URL: "http://127.0.0.1:9",
    SHOPIFY_API_SECRET: SECRET,
    PINTEREST_API_URL: pinterest.url,
  };
}

/** Shops with an ad account each, as the app of `env` would have them; nothing waits for a browser. */
export async function makeShops(
  db: Database,
  env: Record<string, string>,
  count: number,
): Promise<SandboxShop[]> {
  const keyring = createKeyring(parseEnv(env).ENCRYPTION_KEYS);
  const shops: SandboxShop[] = [];
  for (let made = 0; made < count; made += 1) {
    const { id, domain, adAccountId } = await makeShop({ db, keyring });
    await changeSettings({ db }, { domain, changes: { hold_seconds: 0 }, actor: "test" });
    shops.push({ id, domain, adAccountId });
  }
  return shops;
}
