import { randomBytes } from "node:crypto";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { findShop, UnknownShopError } from "./find-shop.server.ts";

const SECRET_BYTES = 24;

/**
 * Returns the secret that signs posted results: `whsec_` and base64, as in Standard Webhooks. It is
 * created at its first use and never changes. Rejects with UnknownShopError.
 */
export async function readCallbackSecret(
  { db, keyring }: { db: Pick<Database, "pool">; keyring: Keyring },
  domain: string,
): Promise<string> {
  const identity = callbackSecretIdentity(domain);
  const shop = await findShop({ db }, domain);
  if (shop === null) throw new UnknownShopError(domain);
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
  const fresh = await keyring.encrypt(db.pool, shop.id, secret, identity);
  // Two processes that ask at once get the same one: the second finds the first's.
  const { rows } = await db.pool.query<{ callback_secret: Buffer }>(
    `update shop set callback_secret = coalesce(callback_secret, $2) where domain = $1
      returning callback_secret`,
    [domain, fresh],
  );
  const [row] = rows;
  if (row === undefined) throw new UnknownShopError(domain);
  return (await keyring.decrypt(db.pool, row.callback_secret, identity)).toString("utf8");
}

/** The row that the secret is bound to. */
export function callbackSecretIdentity(domain: string): string {
  return `shop.callback_secret:${domain}`;
}
