import type { Country } from "#app/events/country.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import { installShop, saveShopFacts } from "#app/shops/install-shop.server.ts";
import type { CommandContext, CommandResult } from "./command.server.ts";
import { readToken } from "./flags.server.ts";
import { listShops } from "./show-shops.server.ts";
import { withDatabase } from "./with-database.server.ts";

export interface ConnectOptions {
  shop: string;
  adAccount: string;
  /** Name of the environment variable that holds the token. */
  tokenEnv: string;
  /** Events that wait for another ad account stay there. */
  leaveWaiting?: boolean;
  /** The shop's country until Shopify reports one. */
  country?: Country;
}

/** A country from Shopify is not overwritten. */
async function saveCountry(
  { db }: { db: Pick<Database, "pool"> },
  domain: string,
  countryCode: Country,
): Promise<void> {
  const { rowCount } = await db.pool.query(
    "select from shop where domain = $1 and country_code is not null",
    [domain],
  );
  if (rowCount !== 0) return;
  await saveShopFacts(
    { db },
    { domain, countryCode, primaryDomain: null, currency: null, timeZone: null },
  );
}

/**
 * `pinrelay shop connect`: makes the shop one that is installed, connects it, and gives its waiting
 * events the ad account.
 */
export async function connectShop(
  context: CommandContext,
  { shop: domain, adAccount: adAccountId, tokenEnv, leaveWaiting = false, country }: ConnectOptions,
): Promise<CommandResult> {
  const token = readToken(context, tokenEnv);
  return withDatabase(context, async ({ db, config }) => {
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    const { isNew } = await installShop({ db }, { domain });
    if (country !== undefined) await saveCountry({ db }, domain, country);
    const earlier = leaveWaiting ? "leave" : "send";
    const connection = { domain, adAccountId, token, actor: "cli", earlier } as const;
    const adopted = await connectAdAccount({ db, keyring }, connection);
    const [row] = await listShops({ db }, domain);
    return {
      json: { ok: true, ...row, created: isNew, adopted_events: adopted },
      text: [
        `${domain} is connected to ad account ${adAccountId}.`,
        ...(isNew ? ["The shop was not known before: it counts as installed from now on."] : []),
        ...(adopted > 0 ? [`${adopted} events that waited are sent there now.`] : []),
      ].join("\n"),
    };
  });
}
