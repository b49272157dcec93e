import type { Database } from "#app/platform/db.server.ts";
import { openToken } from "#app/shops/connection/sending-token.server.ts";
import { exchangePair, type RenewalServices } from "./exchange-pair.server.ts";

/**
 * `changed`: somebody else renewed it. `gone`: there is nothing to renew any more. The rest as in
 * `exchangePair`.
 */
export type RenewalResult = "renewed" | "changed" | "gone" | "refused" | "unavailable";

/**
 * An access token lives 30 days and a refresh token 60 (specification 5.23, `oauth/token`; 30 days
 * by github.com/pinterest/api-quickstart): renewed at half time, a fortnight of failures harms
 * nobody.
 */
const RENEW_BEFORE = { token: "15 days", refreshToken: "30 days" } as const;

/**
 * Renews every sign-in that is half over, also of connections that a person has paused or whose
 * role is missing: their day comes. Not of those that Pinterest no longer accepts. Any number of
 * processes may do it at once: each sign-in is renewed by one of them.
 */
export async function renewSignIns(
  services: RenewalServices & { db: Pick<Database, "pool" | "transaction"> },
): Promise<Record<RenewalResult, number>> {
  const { rows } = await services.db.pool.query<{ shop_id: bigint; domain: string; token: Buffer }>(
    `select c.shop_id, s.domain, c.token from connection c
      join shop s on s.id = c.shop_id and s.state = 'installed'
      where c.refresh_token is not null and c.pause_reason is distinct from 'unauthorized'
        and (c.token_expires_at < now() + interval '${RENEW_BEFORE.token}'
          or c.refresh_expires_at < now() + interval '${RENEW_BEFORE.refreshToken}')
      order by c.token_expires_at`,
  );
  const results = { renewed: 0, changed: 0, gone: 0, refused: 0, unavailable: 0 };
  for (const { shop_id: shopId, domain, token } of rows) {
    const stale = openToken(services.keyring, domain, { token });
    results[await renewSignIn(services, shopId, stale)] += 1;
  }
  return results;
}

/** Renews one sign-in, unless `staleToken` is no longer its token. */
export async function renewSignIn(
  services: RenewalServices,
  shopId: bigint,
  staleToken: string,
): Promise<RenewalResult> {
  const result = await exchangePair<"gone" | "changed">(
    services,
    shopId,
    (_client, stored) => {
      if (stored === undefined || stored.refresh_token === null) return "gone";
      const token = openToken(services.keyring, stored.domain, stored);
      return token === staleToken ? "exchange" : "changed";
    },
    { evenPaused: true },
  );
  return result === "refreshed" ? "renewed" : result;
}

/** Sign-ins for which nobody chose an ad account while their token was good. */
export async function dropUnusedSignIns({ db }: { db: Pick<Database, "pool"> }): Promise<void> {
  await db.pool.query("delete from pinterest_sign_in where token_expires_at < now()");
}
