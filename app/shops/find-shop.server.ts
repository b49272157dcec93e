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
