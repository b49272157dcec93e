import {
  conversionTokenIdentity,
  endOfToken,
  tokenIdentity,
} from "#app/events/encryption-identity.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";

export interface StoredConnection {
  adAccountId: string;
  kind: "pasted" | "sign_in";
  state: "active" | "paused";
  pauseReason: string | null;
  /** The fault, where one of ours is the reason. */
  troubleDetail: string | null;
  /** The end of the token that events are sent with; null for a short one. */
  tokenEnd: string | null;
  conversionTokenAt: Date | null;
  tokenExpiresAt: Date | null;
  hasRefreshToken: boolean;
  refreshExpiresAt: Date | null;
  renewalFailedAt: Date | null;
  signedInAs: string | null;
  accountName: string | null;
  accountCurrency: string | null;
  testedAt: Date | null;
  testResult: string | null;
}

/** Waiting events that were taken for an ad account, and may still go to another. */
export interface WaitingForAccount {
  adAccountId: string;
  n: number;
  purchases: number;
}

export interface StoredFacts {
  connection: StoredConnection | null;
  /** A sign-in whose ad account is not chosen yet. */
  signIn: { signedInAs: string | null } | null;
  /**
   * All waiting events of the shop, and when the first of them happened, to a quarter of an hour.
   */
  waiting: { n: number; firstAt: Date | null };
  /** Most first. */
  waitingByAccount: WaitingForAccount[];
}

interface Services {
  db: Pick<Database, "pool" | "readAsShop">;
  keyring: Keyring;
}

interface ConnectionRow extends Omit<StoredConnection, "tokenEnd"> {
  token: Uint8Array;
  conversionToken: Uint8Array | null;
}

/**
 * Reads a shop's stored connection. Of a token, only the last four characters leave this function.
 */
export async function readConnectionFacts(
  { db, keyring }: Services,
  shop: { id: bigint; domain: string },
): Promise<StoredFacts> {
  const { connections, signIns, waiting, byAccount } = await db.readAsShop(shop.id, async (tx) => ({
    connections: await tx.$queryRaw<ConnectionRow[]>`
      select ad_account_id as "adAccountId", kind, state, pause_reason as "pauseReason", token,
        trouble_detail as "troubleDetail",
        conversion_token as "conversionToken", conversion_token_at as "conversionTokenAt",
        token_expires_at as "tokenExpiresAt", refresh_token is not null as "hasRefreshToken",
        refresh_expires_at as "refreshExpiresAt", renewal_failed_at as "renewalFailedAt",
        signed_in_as as "signedInAs", account_name as "accountName",
        account_currency as "accountCurrency", tested_at as "testedAt", test_result as "testResult"
      from connection c where c.shop_id = ${shop.id}`,
    signIns: await tx.$queryRaw<{ signedInAs: string | null }[]>`
      select signed_in_as as "signedInAs" from pinterest_sign_in where shop_id = ${shop.id}`,
    waiting: await tx.$queryRaw<{ n: bigint; firstAt: Date | null }[]>`
      select coalesce(sum(n), 0)::bigint as n, min(bucket) as "firstAt" from (
        select bucket, sum(n) as n from count_bucket
        where shop_id = ${shop.id} and state in ('held', 'pending')
          and bucket > now() - interval '8 days'
        group by bucket having sum(n) > 0) b`,
    byAccount: await tx.$queryRaw<{ adAccountId: string; n: bigint; purchases: bigint }[]>`
      select ad_account_id as "adAccountId", count(*) as n,
        count(*) filter (where kind = 'checkout') as purchases
      from event
      where shop_id = ${shop.id} and ad_account_id is not null and state in ('held', 'pending')
        and not answer_lost
      group by ad_account_id order by n desc, ad_account_id limit 5`,
  }));
  const row = connections[0];
  const sealed = row === undefined ? [] : [row.token, row.conversionToken];
  const keys = await keyring.load(db.pool, listOwners(sealed));
  return {
    connection: row === undefined ? null : toConnection(keys, shop.domain, row),
    signIn: signIns[0] ?? null,
    waiting: { n: Number(waiting[0]?.n ?? 0), firstAt: waiting[0]?.firstAt ?? null },
    waitingByAccount: byAccount.map(({ adAccountId, n, purchases }) => ({
      adAccountId,
      n: Number(n),
      purchases: Number(purchases),
    })),
  };
}

function toConnection(
  keys: Decrypter,
  domain: string,
  { token, conversionToken, ...facts }: ConnectionRow,
): StoredConnection {
  const sendingToken =
    conversionToken === null
      ? keys.decrypt(token, tokenIdentity(domain))
      : keys.decrypt(conversionToken, conversionTokenIdentity(domain));
  return {
    ...facts,
    tokenEnd: endOfToken(sendingToken.toString("utf8")),
  };
}
