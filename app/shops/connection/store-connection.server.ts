import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import {
  conversionTokenIdentity,
  endOfToken,
  refreshTokenIdentity,
  tokenIdentity,
} from "#app/events/encryption-identity.ts";
import { isPinterestId } from "#app/pinterest/limits.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";

export interface ConnectionFacts {
  /** Digits. */
  adAccountId: string;
  accountName: string | null;
  /** ISO 4217. */
  accountCurrency: string | null;
  /** `pasted`: good for sending alone; `sign_in`: Pinterest's OAuth. */
  kind: "pasted" | "sign_in";
  token: string;
  tokenExpiresAt: Date | null;
  refreshToken: string | null;
  refreshExpiresAt: Date | null;
  conversionToken: string | null;
  scopes: string;
  /** Pinterest's user name. */
  signedInAs: string | null;
}

/** Decides what happens to events that wait for another ad account than the one chosen now. */
export type EarlierEvents = "send" | "leave";

interface Options {
  actor: string;
  earlier: EarlierEvents;
  /** False leaves a connection paused that a person has paused, or that lacks a plan. */
  liftsPause: boolean;
}

/**
 * Gives a shop a connection in place of the one it had, in the caller's transaction and with its
 * audit entry. What Pinterest refused about the old one is forgotten: it is another one now.
 */
export async function storeConnection(
  client: PoolClient,
  keyring: Keyring,
  { id, domain }: { id: bigint; domain: string },
  facts: ConnectionFacts,
  { actor, earlier, liftsPause }: Options,
): Promise<void> {
  // This check covers all callers: otherwise each delivery of the account would fail.
  if (!isPinterestId(facts.adAccountId)) throw new AdAccountIdError();
  const before = await client.query<{ ad_account_id: string; state: string }>(
    "select ad_account_id, state from connection where shop_id = $1 for no key update",
    [id],
  );
  const keys = await keyring.ensure(client, [id]);
  const seal = (token: string | null, identity: string) =>
    token === null ? null : keys.encrypt(id, token, identity);
  await client.query(UPSERT, [
    id,
    facts.adAccountId,
    facts.kind,
    seal(facts.token, tokenIdentity(domain)),
    facts.tokenExpiresAt,
    seal(facts.refreshToken, refreshTokenIdentity(domain)),
    facts.refreshExpiresAt,
    seal(facts.conversionToken, conversionTokenIdentity(domain)),
    facts.scopes,
    facts.signedInAs,
    facts.accountName,
    facts.accountCurrency,
    liftsPause,
    earlier === "leave",
  ]);
  await writeAuditEntry(client, {
    shopId: id,
    actor,
    action: "connection.connect",
    before: before.rows[0] ?? null,
    after: {
      ad_account_id: facts.adAccountId,
      kind: facts.kind,
      token_ends_with: endOfToken(facts.conversionToken ?? facts.token),
      ...(earlier === "leave" && { earlier_events: "left" }),
    },
  });
}

/** Tells whether the connection stays paused: its reason is not about tokens or accounts. */
const STAYS = `connection.state = 'paused'
  and connection.pause_reason in ('merchant', '${BILLING_PAUSE}') and not $13`;

/** The same account again leaves what was decided about the others as it is. */
const IS_CHANGE = "connection.ad_account_id <> excluded.ad_account_id";

const UPSERT = `insert into connection (shop_id, ad_account_id, state, kind, token, token_expires_at,
    refresh_token, refresh_expires_at, conversion_token, conversion_token_at, scopes, signed_in_as,
    account_name, account_currency, leaves_earlier)
  values ($1, $2, 'active', $3, $4, $5, $6, $7, $8::bytea,
    case when $8::bytea is not null then now() end, $9, $10, $11, $12, $14)
  on conflict (shop_id) do update set
    account_since = case when ${IS_CHANGE} then now() else connection.account_since end,
    leaves_earlier = case when ${IS_CHANGE} then excluded.leaves_earlier else connection.leaves_earlier end,
    ad_account_id = excluded.ad_account_id, kind = excluded.kind,
    token = excluded.token, token_expires_at = excluded.token_expires_at,
    refresh_token = excluded.refresh_token, refresh_expires_at = excluded.refresh_expires_at,
    conversion_token = excluded.conversion_token, conversion_token_at = excluded.conversion_token_at,
    scopes = excluded.scopes, signed_in_as = excluded.signed_in_as,
    account_name = excluded.account_name, account_currency = excluded.account_currency,
    renewal_failed_at = null, refreshing_until = null, tested_at = null, test_result = null,
    updated_at = now(),
    trouble = null, trouble_detail = null, trouble_times = 0, trouble_since = null, trouble_at = null,
    conversion_refused_at = null, retests = 0, retest_at = null,
    state = case when ${STAYS} then 'paused' else 'active' end,
    pause_reason = case when ${STAYS} then connection.pause_reason end,
    paused_at = case when ${STAYS} then connection.paused_at end,
    paused_by = case when ${STAYS} then connection.paused_by end`;

/** Pinterest has no ad account of that form, and its id would stand in the path of each request. */
export class AdAccountIdError extends Error {
  override name = "AdAccountIdError";
  code = "invalid_ad_account";
  constructor() {
    super("An ad account id is 1 to 18 digits, as Pinterest shows it.");
  }
}

/**
 * Forgets a shop's tokens, and what only they could read. Its events stay, and wait for the next
 * connection. False: there was nothing to disconnect.
 */
export async function disconnectPinterest(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
  actor: string,
): Promise<boolean> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ ad_account_id: string; state: string; kind: string }>(
      "delete from connection where shop_id = $1 returning ad_account_id, state, kind",
      [shopId],
    );
    const signIn = await client.query("delete from pinterest_sign_in where shop_id = $1", [shopId]);
    await client.query("delete from sign_in_attempt where shop_id = $1", [shopId]);
    await client.query("delete from tag_cache where shop_id = $1", [shopId]);
    await client.query("delete from quality_snapshot where shop_id = $1", [shopId]);
    const before = rows[0] ?? null;
    if (before === null && signIn.rowCount === 0) return false;
    await writeAuditEntry(client, { shopId, actor, action: "connection.disconnect", before });
    return true;
  });
}
