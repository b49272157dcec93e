import type { PoolClient } from "pg";
import { assignAccountToWaitingEvents } from "#app/outbox/assign-account.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { UnknownShopError } from "#app/shops/find-shop.server.ts";
import { type EarlierEvents, storeConnection } from "./store-connection.server.ts";

export interface NewConnection {
  domain: string;
  /** Digits. */
  adAccountId: string;
  token: string;
  refreshToken?: string;
  tokenExpiresAt?: Date;
  actor: string;
  /** Decides about events that wait for another ad account; by default they move to this one. */
  earlier?: EarlierEvents;
}

/**
 * Connects an installed shop to a Pinterest ad account, in place of the one it had, makes the
 * connection active, and sends what waits. Returns how many waiting events were given the account.
 * Rejects with UnknownShopError.
 */
export async function connectAdAccount(
  { db, keyring }: { db: Pick<Database, "pool" | "transaction">; keyring: Keyring },
  connection: NewConnection,
): Promise<number> {
  const shopId = await db.transaction((client) => connectIn(client, keyring, connection));
  return assignAccountToWaitingEvents({ db }, shopId);
}

/** Connects in the caller's transaction, where nothing that waits can be woken yet. Returns the shop. */
export async function connectIn(
  client: PoolClient,
  keyring: Keyring,
  {
    domain,
    adAccountId,
    token,
    refreshToken,
    tokenExpiresAt,
    actor,
    earlier = "send",
  }: NewConnection,
): Promise<bigint> {
  const shop = await lockInstalledShop(client, domain);
  const facts = {
    adAccountId,
    accountName: null,
    accountCurrency: null,
    kind: refreshToken === undefined ? "pasted" : "sign_in",
    token,
    tokenExpiresAt: tokenExpiresAt ?? null,
    refreshToken: refreshToken ?? null,
    refreshExpiresAt: null,
    conversionToken: null,
    scopes: "",
    signedInAs: null,
  } as const;
  await storeConnection(client, keyring, shop, facts, { actor, earlier, liftsPause: true });
  return shop.id;
}

/** Two connects of one shop go one after the other. Rejects with UnknownShopError. */
export async function lockInstalledShop(
  client: PoolClient,
  domain: string,
): Promise<{ id: bigint; domain: string }> {
  const { rows } = await client.query<{ id: bigint }>(
    "select id from shop where domain = $1 and state = 'installed' for no key update",
    [domain],
  );
  const shop = rows[0];
  if (shop === undefined) throw new UnknownShopError(domain);
  return { id: shop.id, domain };
}
