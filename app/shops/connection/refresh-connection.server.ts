import type { PoolClient } from "pg";
import {
  exchangePair,
  lockTokens,
  type RenewalServices,
  type StoredTokens,
} from "#app/shops/renewal/exchange-pair.server.ts";
import { writeAuditEntry } from "#app/shops/write-audit-entry.server.ts";
import { openSendingToken } from "./sending-token.server.ts";

/**
 * `changed`: there is another token than the refused one, that nobody has tried for the caller.
 * `refreshed`: Pinterest made a new one just now; if it is refused as well, no other will do.
 * `not_refreshable`: there is no refresh token. `refused`: Pinterest took the refresh token no more,
 * or the shop is no longer connected. `unavailable`: nobody knows; try again later.
 */
export type RefreshResult = "changed" | "refreshed" | "not_refreshable" | "refused" | "unavailable";

/**
 * Finds a token in place of one that Pinterest refused for sending: in place of a conversion token
 * the sign-in's, in place of that a new one. Many workers meet a stale token at once; a lock per
 * connection makes one request of it, and the others find the new token.
 */
export async function refreshConnection(
  services: RenewalServices,
  shopId: bigint,
  refusedToken: string,
  { evenPaused = false }: { evenPaused?: boolean } = {},
): Promise<RefreshResult> {
  return services.db.transaction(async (client) => {
    const stored = await lockTokens(client, shopId, { evenPaused });
    if (stored === undefined) return "refused";
    const token = openSendingToken(services.keyring, stored.domain, stored);
    if (token !== refusedToken) return "changed";
    if (stored.conversion_token !== null) {
      await dropConversionToken(client, shopId, stored.conversion_token);
      return "changed";
    }
    if (!canBeRefreshed(stored)) return "not_refreshable";
    return exchangePair(services, client, shopId, stored);
  });
}

function canBeRefreshed(stored: StoredTokens): stored is StoredTokens & { refresh_token: Buffer } {
  return stored.refresh_token !== null;
}

async function dropConversionToken(
  client: PoolClient,
  shopId: bigint,
  refused: Buffer,
): Promise<void> {
  const dropped = await client.query(
    `update connection set conversion_token = null, conversion_token_at = null, updated_at = now()
      where shop_id = $1 and conversion_token = $2`,
    [shopId, refused],
  );
  if (dropped.rowCount === 0) return;
  await writeAuditEntry(client, {
    shopId,
    actor: "system",
    action: "connection.drop_conversion_token",
    before: { sending_with: "conversion_token" },
    after: { sending_with: "token" },
  });
}
