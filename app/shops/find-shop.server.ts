import type { Database } from "#app/platform/db.server.ts";

export interface FoundShop {
  id: bigint;
  domain: string;
  lane: number;
  state: "installed" | "uninstalled";
  settingsVersion: number;
  /** IANA name; null until the Admin API has told us. */
  timeZone: string | null;
  /** ISO 4217; likewise. */
  currency: string | null;
}

/** A shop by its `….myshopify.com` name, installed or not; null when it never was. */
export async function findShop(
  { db }: { db: Pick<Database, "pool"> },
  domain: string,
): Promise<FoundShop | null> {
  const { rows } = await db.pool.query<FoundShop>({
    name: "find-shop",
    text: `select id, domain, lane, state, settings_version as "settingsVersion",
      time_zone as "timeZone", currency from shop where domain = $1`,
    values: [domain],
  });
  return rows[0] ?? null;
}

/** The shop has never installed the app, or has uninstalled it. */
export class UnknownShopError extends Error {
  override name = "UnknownShopError";
  code = "unknown_shop";
  constructor(domain: string) {
    super(`${domain} has not installed the app.`);
  }
}

/** When the shop installed the app: its orders from before have no webhooks. */
export async function readInstall(
  { db }: { db: Pick<Database, "queryAsShop"> },
  shopId: bigint,
): Promise<{ installedAt: Date }> {
  const [row] = await db.queryAsShop<{ installed_at: Date }>(shopId, {
    name: "read-install",
    text: "select installed_at from shop where id = $1",
    values: [shopId.toString()],
  });
  return { installedAt: row?.installed_at ?? new Date(0) };
}

/** A label of a host name has 63 characters at most. */
const SHOP_DOMAIN = /^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/;
const MAX_LENGTH = 80;

/**
 * Tells whether the text is a shop's permanent name as Shopify writes it: lower case, no scheme, no
 * path.
 */
export function isShopDomain(text: string): boolean {
  return text.length <= MAX_LENGTH && SHOP_DOMAIN.test(text);
}
