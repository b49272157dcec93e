import { exchangePair, type RenewalServices } from "#app/shops/renewal/exchange-pair.server.ts";
import { openToken } from "./sending-token.server.ts";

/**
 * `changed`: there is another token than the refused one, that nobody has tried for the caller.
 * `refreshed`: Pinterest made a new one just now; if it is refused as well, no other will do.
 * `not_refreshable`: there is no refresh token. `refused`: Pinterest took the refresh token no more,
 * or the shop is no longer connected. `unavailable`: nobody knows; try again later.
 */
export type RefreshResult = "changed" | "refreshed" | "not_refreshable" | "refused" | "unavailable";

/**
 * Finds a token in place of a sign-in's that Pinterest refused. Many workers meet a stale token at
 * once; a mark on the connection makes one request of it, and the others find the new token.
 */
export async function refreshConnection(
  services: RenewalServices,
  shopId: bigint,
  refusedToken: string,
  { evenPaused = false }: { evenPaused?: boolean } = {},
): Promise<RefreshResult> {
  return exchangePair<RefreshResult>(
    services,
    shopId,
    (_client, stored) => {
      if (stored === undefined) return "refused";
      const token = openToken(services.keyring, stored.domain, stored);
      if (token !== refusedToken) return "changed";
      return stored.refresh_token === null ? "not_refreshable" : "exchange";
    },
    { evenPaused },
  );
}
