import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { signInIdentity } from "#app/events/encryption-identity.ts";
import { assignAccountToWaitingEvents } from "#app/outbox/assign-account.server.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { lockInstalledShop } from "./connect-ad-account.server.ts";
import { type AdAccountChoice, listAdAccounts } from "./list-ad-accounts.server.ts";
import { type EarlierEvents, storeConnection } from "./store-connection.server.ts";

/**
 * `connected`: the sign-in became the shop's connection; `changed`: the connection sends
 * to another account. After both what waits is sent. `not_allowed`: the account is not in
 * the user's list or the role may not send. `stale`: somebody signed in anew meanwhile. `failed`:
 * Pinterest could not be asked.
 */
export type AccountChosen =
  | "connected"
  | "changed"
  | "unchanged"
  | "not_allowed"
  | "stale"
  | "failed";

interface Services {
  db: Pick<Database, "pool" | "queryAsShop" | "transaction">;
  keyring: Keyring;
  pinterest: Pick<PinterestClient, "listAdAccounts" | "refreshOAuthToken">;
}

/** Sends a shop's events to one of the ad accounts that its sign-in may send to. */
export async function chooseAdAccount(
  services: Services,
  { domain, id }: { id: bigint; domain: string },
  adAccountId: string,
  actor: string,
  earlier: EarlierEvents = "send",
): Promise<AccountChosen> {
  const list = await listAdAccounts(services, { id, domain });
  if (list.kind === "none") return "stale";
  if (list.kind === "failed") return "failed";
  const account = list.accounts.find((other) => other.id === adAccountId);
  if (account?.maySend !== true) return "not_allowed";
  const chosen = await services.db.transaction(async (client) => {
    const shop = await lockInstalledShop(client, domain);
    const signIn = await readSignIn(client, shop.id);
    if (signIn === undefined) return changeAccount(client, shop.id, account, { actor, earlier });
    const connected = await connectSignIn(
      services,
      client,
      { shop, signIn, account, actor, earlier },
      list,
    );
    return connected ? "connected" : "stale";
  });
  if (chosen === "connected" || chosen === "changed")
    await assignAccountToWaitingEvents(services, id);
  return chosen;
}

interface SignInRow {
  token: Buffer;
  token_expires_at: Date;
  refresh_token: Buffer | null;
  refresh_expires_at: Date | null;
  conversion_token: Buffer | null;
  scopes: string;
  signed_in_as: string | null;
}

async function readSignIn(client: PoolClient, shopId: bigint): Promise<SignInRow | undefined> {
  const { rows } = await client.query<SignInRow>(
    `select token, token_expires_at, refresh_token, refresh_expires_at, conversion_token, scopes,
        signed_in_as
      from pinterest_sign_in where shop_id = $1 for no key update`,
    [shopId],
  );
  return rows[0];
}

interface Choice {
  shop: { id: bigint; domain: string };
  signIn: SignInRow;
  account: AdAccountChoice;
  actor: string;
  earlier: EarlierEvents;
}

/** Moves the tokens, sealed anew for the row they go to. False: they are not those that were asked with. */
async function connectSignIn(
  { keyring }: Services,
  client: PoolClient,
  { shop, signIn, account, actor, earlier }: Choice,
  { token: askedWith }: { token: string },
): Promise<boolean> {
  const keys = await keyring.load(client, [shop.id]);
  const open = (sealed: Buffer, column: Parameters<typeof signInIdentity>[1]) =>
    keys.decrypt(sealed, signInIdentity(shop.domain, column)).toString("utf8");
  const { refresh_token: refresh, conversion_token: conversion } = signIn;
  const token = open(signIn.token, "token");
  if (token !== askedWith) return false;
  const facts = {
    adAccountId: account.id,
    accountName: account.name,
    accountCurrency: account.currency,
    kind: "sign_in",
    token,
    tokenExpiresAt: signIn.token_expires_at,
    refreshToken: refresh === null ? null : open(refresh, "refresh_token"),
    refreshExpiresAt: signIn.refresh_expires_at,
    conversionToken: conversion === null ? null : open(conversion, "conversion_token"),
    scopes: signIn.scopes,
    signedInAs: signIn.signed_in_as,
  } as const;
  await storeConnection(client, keyring, shop, facts, { actor, earlier, liftsPause: false });
  await client.query("delete from pinterest_sign_in where shop_id = $1", [shop.id]);
  return true;
}

/** Earlier refusals of another account do not apply to this one. */
async function changeAccount(
  client: PoolClient,
  shopId: bigint,
  account: AdAccountChoice,
  { actor, earlier }: { actor: string; earlier: EarlierEvents },
): Promise<"changed" | "unchanged" | "stale"> {
  const { rows } = await client.query<{ ad_account_id: string; state: string; kind: string }>(
    "select ad_account_id, state, kind from connection where shop_id = $1 for no key update",
    [shopId],
  );
  const connection = rows[0];
  if (connection?.kind !== "sign_in") return "stale";
  if (connection.ad_account_id === account.id) return "unchanged";
  const { rows: changed } = await client.query<{ state: string }>(
    `update connection set ad_account_id = $2, account_name = $3, account_currency = $4,
        account_since = now(), leaves_earlier = $5,
        tested_at = null, test_result = null, trouble = null, retests = 0, updated_at = now(),
        state = case when ${IS_OF_ACCOUNT} then 'active' else state end,
        pause_reason = case when ${IS_OF_ACCOUNT} then null else pause_reason end,
        paused_at = case when ${IS_OF_ACCOUNT} then null else paused_at end,
        paused_by = case when ${IS_OF_ACCOUNT} then null else paused_by end
      where shop_id = $1 returning state`,
    [shopId, account.id, account.name, account.currency, earlier === "leave"],
  );
  await writeAuditEntry(client, {
    shopId,
    actor,
    action: "connection.change_account",
    before: { ad_account_id: connection.ad_account_id, state: connection.state },
    after: {
      ad_account_id: account.id,
      state: changed[0]?.state ?? null,
      ...(earlier === "leave" && { earlier_events: "left" }),
    },
  });
  return "changed";
}

const IS_OF_ACCOUNT = "pause_reason in ('forbidden', 'account_not_found')";
