import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { openSendingToken, type SealedTokens } from "./sending-token.server.ts";

/** What sending a shop's events needs. */
export interface SendingConnection {
  token: string;
  /** Of new events; those that were taken before it was chosen go to the account they were taken for. */
  adAccountId: string;
  hasRefreshToken: boolean;
}

interface ConnectionRow extends SealedTokens {
  shop_id: bigint;
  domain: string;
  ad_account_id: string;
  has_refresh_token: boolean;
}

/**
 * The active connections of installed shops among `shopIds`, by shop. Rejects with KeyringError
 * when a token was encrypted under a key that this process was not given: an operator's slip that
 * must be seen, not a shop without a connection.
 */
export async function readSendingConnections(
  { db, keyring }: { db: Pick<Database, "pool">; keyring: Keyring },
  shopIds: readonly bigint[],
): Promise<Map<bigint, SendingConnection>> {
  const { rows } = await db.pool.query<ConnectionRow>({
    name: "sending-connections",
    text: `select c.shop_id, s.domain, c.ad_account_id, c.token, c.conversion_token,
        c.refresh_token is not null as has_refresh_token
      from connection c join shop s on s.id = c.shop_id and s.state = 'installed'
      where c.shop_id = any($1::bigint[]) and c.state = 'active'`,
    values: [shopIds],
  });
  return new Map(
    rows.map((row) => [
      row.shop_id,
      {
        token: openSendingToken(keyring, row.domain, row),
        adAccountId: row.ad_account_id,
        hasRefreshToken: row.has_refresh_token,
      },
    ]),
  );
}
