import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { UnknownShopError } from "#app/shops/unknown-shop-error.server.ts";
import { writeAuditEntry } from "#app/shops/write-audit-entry.server.ts";
import { refreshTokenIdentity, tokenIdentity } from "./connection-identity.server.ts";

export interface NewConnection {
  domain: string;
  /** Digits. */
  adAccountId: string;
  token: string;
  refreshToken?: string;
  tokenExpiresAt?: Date;
  actor: string;
}

interface ConnectedShopRow {
  id: bigint;
  ad_account_id: string | null;
  connection_state: string | null;
}

/** The end of a shorter token would give too much of it away. */
const SHORTEST_WITH_HINT = 20;

/**
 * Connects an installed shop to a Pinterest ad account, in place of the one it had, and makes the
 * connection active. The caller wakes what waits (`adoptWaitingEvents`). Rejects with
 * UnknownShopError.
 */
export async function connectAdAccount(
  { db, keyring }: { db: Pick<Database, "transaction">; keyring: Keyring },
  { domain, adAccountId, token, refreshToken, tokenExpiresAt, actor }: NewConnection,
): Promise<void> {
  await db.transaction(async (client) => {
    const { rows } = await client.query<ConnectedShopRow>(
      `select s.id, c.ad_account_id, c.state as connection_state
        from shop s left join connection c on c.shop_id = s.id
        where s.domain = $1 and s.state = 'installed' for update of s`,
      [domain],
    );
    const shop = rows[0];
    if (shop === undefined) throw new UnknownShopError(domain);
    await client.query(
      `insert into connection (shop_id, ad_account_id, state, token, refresh_token, token_expires_at)
        values ($1, $2, 'active', $3, $4, $5)
        on conflict (shop_id) do update set ad_account_id = excluded.ad_account_id,
          state = 'active', pause_reason = null, token = excluded.token,
          refresh_token = excluded.refresh_token, token_expires_at = excluded.token_expires_at,
          updated_at = now()`,
      [
        shop.id,
        adAccountId,
        keyring.encrypt(token, tokenIdentity(domain)),
        refreshToken === undefined
          ? null
          : keyring.encrypt(refreshToken, refreshTokenIdentity(domain)),
        tokenExpiresAt ?? null,
      ],
    );
    await writeAuditEntry(client, {
      shopId: shop.id,
      actor,
      action: "connection.connect",
      before:
        shop.ad_account_id === null
          ? null
          : { ad_account_id: shop.ad_account_id, state: shop.connection_state },
      after: {
        ad_account_id: adAccountId,
        token_ends_with: token.length < SHORTEST_WITH_HINT ? null : token.slice(-4),
      },
    });
  });
}
