import { conversionTokenIdentity, tokenIdentity } from "#app/events/connection-identity.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";

/** A shop's connection with its tokens, whether it may be used now or not. */
export interface Connection {
  adAccountId: string;
  kind: "pasted" | "sign_in";
  /** The token that reads accounts, tags and quality; a pasted one may only be able to send. */
  token: string;
  /** The token that sends events. */
  sendingToken: string;
  state: "active" | "paused";
}

interface ConnectionRow extends SealedTokens {
  ad_account_id: string;
  kind: "pasted" | "sign_in";
  state: "active" | "paused";
}

/**
 * Returns null if the shop has no connection. Rejects with KeyringError if the key is unknown to
 * this process.
 */
export async function readConnection(
  { db, keyring }: { db: Pick<Database, "pool" | "queryAsShop">; keyring: Keyring },
  { id, domain }: { id: bigint; domain: string },
): Promise<Connection | null> {
  const [row] = await db.queryAsShop<ConnectionRow>(id, {
    name: "read-connection",
    text: "select ad_account_id, kind, token, conversion_token, state from connection where shop_id = $1",
    values: [id.toString()],
  });
  if (row === undefined) return null;
  const { ad_account_id: adAccountId, kind, state } = row;
  const keys = await keyring.load(db.pool, listOwners([row.token, row.conversion_token]));
  const token = decryptToken(keys, domain, row);
  return {
    adAccountId,
    kind,
    token,
    sendingToken: decryptSendingToken(keys, domain, row),
    state,
  };
}

export interface SealedTokens {
  token: Buffer;
  conversion_token: Buffer | null;
}

/**
 * The token that events are sent with: the conversion token, which Pinterest limits least, where
 * there is one; else the sign-in's or the pasted one.
 *
 * @throws KeyringError
 */
export function decryptSendingToken(keys: Decrypter, domain: string, sealed: SealedTokens): string {
  return sealed.conversion_token === null
    ? decryptToken(keys, domain, sealed)
    : keys.decrypt(sealed.conversion_token, conversionTokenIdentity(domain)).toString("utf8");
}

/**
 * The token for everything but events: a conversion token reads no tags and no accounts.
 *
 * @throws KeyringError
 */
export function decryptToken(
  keys: Decrypter,
  domain: string,
  { token }: Pick<SealedTokens, "token">,
): string {
  return keys.decrypt(token, tokenIdentity(domain)).toString("utf8");
}
