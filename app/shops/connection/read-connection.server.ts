import { conversionTokenIdentity, tokenIdentity } from "#app/events/encryption-identity.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";
import { KeyringError } from "#app/platform/keys/wrapping-keys.server.ts";

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
function decryptSendingToken(keys: Decrypter, domain: string, sealed: SealedTokens): string {
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

/** The facts that sending a shop's events needs. */
export interface SendingConnection {
  /** The conversion token, or without one the sign-in's or the pasted token. */
  token: string;
  /** Tried when the conversion token is refused; without one it is the same token. */
  signInToken: string;
  /**
   * The ad account of ordinary events; an event whose answer was lost, or that was left, keeps its
   * own.
   */
  adAccountId: string;
  /** The refusals of the connection that are not trusted yet. */
  trouble: string | null;
  /** Something is to be forgotten once Pinterest has accepted an event. */
  isTroubled: boolean;
}

interface SendingRow extends SealedTokens {
  shop_id: bigint;
  domain: string;
  ad_account_id: string;
  trouble: string | null;
  is_troubled: boolean;
}

/**
 * The active connections of installed shops among `shopIds`, by shop. Null: its token does not
 * open, because it was damaged, or encrypted under a key that this process was not given. That must
 * be seen, and must not stop another shop of the ad account.
 */
export async function readSendingConnections(
  { db, keyring }: { db: Pick<Database, "pool">; keyring: Keyring },
  shopIds: readonly bigint[],
  onLocked: (reason: string) => void = () => {},
): Promise<Map<bigint, SendingConnection | null>> {
  const { rows } = await db.pool.query<SendingRow>({
    name: "sending-connections",
    text: `select c.shop_id, s.domain, c.ad_account_id, c.token, c.conversion_token, c.trouble,
        (c.trouble is not null or c.retests > 0
          or (c.conversion_refused_at is not null and c.conversion_token is not null)) as is_troubled
      from connection c join shop s on s.id = c.shop_id and s.state = 'installed'
      where c.shop_id = any($1::bigint[]) and c.state = 'active'`,
    values: [shopIds],
  });
  const sealed = rows.flatMap((row) => [row.token, row.conversion_token]);
  const keys = await keyring.load(db.pool, listOwners(sealed));
  return new Map(rows.map((row) => [row.shop_id, decryptConnection(keys, row, onLocked)]));
}

function decryptConnection(
  keys: Decrypter,
  row: SendingRow,
  onLocked: (reason: string) => void,
): SendingConnection | null {
  try {
    return {
      token: decryptSendingToken(keys, row.domain, row),
      signInToken: decryptToken(keys, row.domain, row),
      adAccountId: row.ad_account_id,
      trouble: row.trouble,
      isTroubled: row.is_troubled,
    };
  } catch (error) {
    if (!(error instanceof KeyringError)) throw error;
    onLocked(error.message);
    return null;
  }
}
