import { signInIdentity } from "#app/events/encryption-identity.ts";
import type { AdAccount } from "#app/pinterest/answers.server.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { PinterestError } from "#app/pinterest/result.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { readConnection } from "./read-connection.server.ts";
import { renewSignIn } from "./renew-sign-ins.server.ts";

export interface AdAccountChoice {
  id: string;
  name: string;
  currency: string | null;
  /** Pinterest's own names, as in `FINANCE_VIEW`; null: it did not say. */
  roles: string[] | null;
  /** If the role is unknown, the test event will show it. */
  maySend: boolean;
}

export type AdAccountList =
  /** No sign-in: a pasted token may not read them. */
  | { kind: "none" }
  | { kind: "failed"; error: PinterestError["kind"] }
  | { kind: "listed"; accounts: AdAccountChoice[]; isComplete: boolean; token: string };

interface Services {
  db: Pick<Database, "pool" | "queryAsShop" | "transaction">;
  keyring: Keyring;
  pinterest: Pick<PinterestClient, "listAdAccounts" | "refreshOAuthToken">;
}

/** Whose token may send events (specification 5.23, `events/create`). */
const SENDING_ROLES = new Set([
  "OWNER",
  "ADMIN",
  "ANALYST",
  "AUDIENCE_MANAGER",
  "CAMPAIGN_MANAGER",
]);

/**
 * Lists the ad accounts of the shop's sign-in: of the one whose account is not chosen yet, or of
 * the connection. `token` is the one used for the request; it never leaves the server.
 */
export async function listAdAccounts(
  services: Services,
  shop: { id: bigint; domain: string },
): Promise<AdAccountList> {
  const unchosen = await readSignInToken(services, shop);
  if (unchosen !== null) return ask(services, unchosen);
  const connection = await readConnection(services, shop);
  if (connection?.kind !== "sign_in") return { kind: "none" };
  const list = await ask(services, connection.token);
  if (list.kind !== "failed" || list.error !== "unauthorized") return list;
  const renewal = await renewSignIn(services, shop.id, connection.token);
  if (renewal !== "renewed" && renewal !== "changed") return list;
  const renewed = await readConnection(services, shop);
  return renewed === null ? { kind: "none" } : ask(services, renewed.token);
}

async function readSignInToken(
  { db, keyring }: Services,
  { id, domain }: { id: bigint; domain: string },
): Promise<string | null> {
  const [row] = await db.queryAsShop<{ token: Buffer }>(id, {
    name: "read-sign-in-token",
    text: "select token from pinterest_sign_in where shop_id = $1",
    values: [id.toString()],
  });
  if (row === undefined) return null;
  const identity = signInIdentity(domain, "token");
  return (await keyring.decrypt(db.pool, row.token, identity)).toString("utf8");
}

async function ask({ pinterest }: Services, token: string): Promise<AdAccountList> {
  const answer = await pinterest.listAdAccounts({ token });
  if (!answer.ok) return { kind: "failed", error: answer.error.kind };
  const { items, isComplete } = answer.value;
  return { kind: "listed", accounts: items.map(toChoice), isComplete, token };
}

function toChoice({ id, name, currency, permissions }: AdAccount): AdAccountChoice {
  const roles = permissions ?? null;
  return {
    id,
    name: name ?? id,
    currency: currency === "UNK" ? null : (currency ?? null),
    roles,
    maySend: roles === null || roles.some((role) => SENDING_ROLES.has(role)),
  };
}
