import {
  conversionTokenIdentity,
  endOfToken,
  tokenIdentity,
} from "#app/events/connection-identity.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";

export interface StoredConnection {
  adAccountId: string;
  kind: "pasted" | "sign_in";
  state: "active" | "paused";
  pauseReason: string | null;
  /** Of the token that events are sent with; null for a short one. */
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
  /** Waiting events that were taken for its ad account. */
  waitingForAccount: number;
}

export interface StoredFacts {
  connection: StoredConnection | null;
  /** A sign-in whose ad account is not chosen yet. */
  signIn: { signedInAs: string | null } | null;
  /** All waiting events of the shop, and when the first of them happened, to a quarter of an hour. */
  waiting: { n: number; firstAt: Date | null };
}

interface Services {
  db: Pick<Database, "readAsShop">;
  keyring: Keyring;
}

interface ConnectionRow extends Omit<StoredConnection, "tokenEnd" | "waitingForAccount"> {
  token: Uint8Array;
  conversionToken: Uint8Array | null;
  waitingForAccount: bigint;
}

/** What is stored of a shop's connection. Of a token, its last four characters leave this function. */
export async function readConnectionFacts(
  { db, keyring }: Services,
  shop: { id: bigint; domain: string },
): Promise<StoredFacts> {
  const { connections, signIns, waiting } = await db.readAsShop(shop.id, async (tx) => ({
    connections: await tx.$queryRaw<ConnectionRow[]>`
      select ad_account_id as "adAccountId", kind, state, pause_reason as "pauseReason", token,
        conversion_token as "conversionToken", conversion_token_at as "conversionTokenAt",
        token_expires_at as "tokenExpiresAt", refresh_token is not null as "hasRefreshToken",
        refresh_expires_at as "refreshExpiresAt", renewal_failed_at as "renewalFailedAt",
        signed_in_as as "signedInAs", account_name as "accountName",
        account_currency as "accountCurrency", tested_at as "testedAt", test_result as "testResult",
        (select count(*) from event e where e.shop_id = c.shop_id
          and e.ad_account_id = c.ad_account_id
          and e.state in ('held', 'pending')) as "waitingForAccount"
      from connection c where c.shop_id = ${shop.id}`,
    signIns: await tx.$queryRaw<{ signedInAs: string | null }[]>`
      select signed_in_as as "signedInAs" from pinterest_sign_in where shop_id = ${shop.id}`,
    waiting: await tx.$queryRaw<{ n: bigint; firstAt: Date | null }[]>`
      select coalesce(sum(n), 0)::bigint as n, min(bucket) as "firstAt" from (
        select bucket, sum(n) as n from count_bucket
        where shop_id = ${shop.id} and state in ('held', 'pending')
          and bucket > now() - interval '8 days'
        group by bucket having sum(n) > 0) b`,
  }));
  const row = connections[0];
  return {
    connection: row === undefined ? null : toConnection(keyring, shop.domain, row),
    signIn: signIns[0] ?? null,
    waiting: { n: Number(waiting[0]?.n ?? 0), firstAt: waiting[0]?.firstAt ?? null },
  };
}

function toConnection(
  keyring: Keyring,
  domain: string,
  { token, conversionToken, waitingForAccount, ...facts }: ConnectionRow,
): StoredConnection {
  const sendingToken =
    conversionToken === null
      ? keyring.decrypt(token, tokenIdentity(domain))
      : keyring.decrypt(conversionToken, conversionTokenIdentity(domain));
  return {
    ...facts,
    tokenEnd: endOfToken(sendingToken.toString("utf8")),
    waitingForAccount: Number(waitingForAccount),
  };
}
