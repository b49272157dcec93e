import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { conversionTokenIdentity } from "#app/events/connection-identity.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { decryptToken } from "./read-connection.server.ts";

interface Services {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  log: Logger;
  pinterest: Pick<PinterestClient, "createConversionToken">;
}

interface LostRow {
  shop_id: bigint;
  domain: string;
  token: Buffer;
}

const PAGE = 500;

/**
 * Makes new conversion tokens for sign-ins whose old one Pinterest refused for good: sending by the
 * sign-in's own counts against the app's daily limit. Each shop alone; what fails is tried with the
 * next renewal.
 */
export async function remakeConversionTokens(services: Services): Promise<number> {
  const { rows } = await services.db.pool.query<LostRow>(
    `select c.shop_id, s.domain, c.token from connection c
      join shop s on s.id = c.shop_id and s.state = 'installed'
      where c.kind = 'sign_in' and c.state = 'active'
        and c.conversion_token is null and c.conversion_refused_at is not null
      order by c.conversion_refused_at limit ${PAGE}`,
  );
  let made = 0;
  for (const row of rows) {
    try {
      if (await remake(services, row)) made += 1;
    } catch (error) {
      services.log.error({ err: error, shopId: String(row.shop_id) }, "no conversion token made");
    }
  }
  return made;
}

/** Leaves a sign-in alone that was renewed or replaced while Pinterest was answering. */
async function remake(
  { db, keyring, pinterest }: Services,
  { shop_id: shopId, domain, token }: LostRow,
): Promise<boolean> {
  const keys = await keyring.ensure(db.pool, [shopId]);
  const answer = await pinterest.createConversionToken({
    token: decryptToken(keys, domain, { token }),
  });
  if (!answer.ok) return false;
  const sealed = keys.encrypt(shopId, answer.value, conversionTokenIdentity(domain));
  return db.transaction(async (client) => {
    const stored = await client.query(
      `update connection set conversion_token = $3, conversion_token_at = now(),
          conversion_refused_at = null, updated_at = now()
        where shop_id = $1 and token = $2 and conversion_token is null`,
      [shopId, token, sealed],
    );
    if (stored.rowCount === 0) return false;
    await writeAuditEntry(client, {
      shopId,
      actor: "system",
      action: "connection.make_conversion_token",
      before: { sending_with: "token" },
      after: { sending_with: "conversion_token" },
    });
    return true;
  });
}
