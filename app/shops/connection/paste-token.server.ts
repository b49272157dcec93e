import { assignAccountToWaitingEvents } from "#app/outbox/assign-account.server.ts";
import { isPinterestId } from "#app/pinterest/limits.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { lockInstalledShop } from "./connect-ad-account.server.ts";
import { sendTestEvent, type TestServices } from "./send-test-event.server.ts";
import { type EarlierEvents, storeConnection } from "./store-connection.server.ts";

export type AccountFault = "missing" | "not_digits" | "wrong_account";
export type TokenFault = "missing" | "wrong_prefix" | "refused";

export type PasteResult =
  | { kind: "connected" }
  | { kind: "faulty"; adAccountId: AccountFault | null; token: TokenFault | null }
  | { kind: "wait"; seconds: number }
  | {
      kind: "failed";
      fault: "pinterest_down" | "answer_unreadable" | "event_refused";
      detail: string;
    };

/** Tokens of Ads Manager and of sign-ins alike; a refresh token starts with `pinr`. */
const PREFIX = "pina_";

/**
 * Connects a shop with a token that its merchant made in Ads Manager, after one test event. Nothing
 * is asked before both fields can be right, and nothing is stored before Pinterest took the event.
 * The waiting events are sent afterwards.
 */
export async function pasteToken(
  services: TestServices & { db: Pick<Database, "pool" | "transaction">; keyring: Keyring },
  { id, domain }: { id: bigint; domain: string },
  given: { adAccountId: string; token: string },
  actor: string,
  earlier: EarlierEvents = "send",
): Promise<PasteResult> {
  const adAccountId = given.adAccountId.trim();
  const token = given.token.trim();
  const faults = { adAccountId: findAccountFault(adAccountId), token: findTokenFault(token) };
  if (faults.adAccountId !== null || faults.token !== null) return { kind: "faulty", ...faults };
  const answer = await sendTestEvent(services, { adAccountId, token, domain });
  switch (answer.kind) {
    case "unauthorized":
      return { kind: "faulty", adAccountId: null, token: "refused" };
    case "forbidden":
    case "not_found":
      return { kind: "faulty", adAccountId: "wrong_account", token: null };
    case "limited":
      return { kind: "wait", seconds: answer.seconds };
    case "failed":
      return { kind: "failed", fault: "event_refused", detail: answer.message };
    case "down":
      return { kind: "failed", fault: "pinterest_down", detail: answer.message };
    case "unreadable":
      return { kind: "failed", fault: "answer_unreadable", detail: answer.message };
    case "processed":
      await store(services, { id, domain }, { adAccountId, token }, { actor, earlier });
      await assignAccountToWaitingEvents(services, id);
      return { kind: "connected" };
  }
}

function findAccountFault(adAccountId: string): AccountFault | null {
  if (adAccountId === "") return "missing";
  return isPinterestId(adAccountId) ? null : "not_digits";
}

function findTokenFault(token: string): TokenFault | null {
  if (token === "") return "missing";
  // A token with anything but visible ASCII could not be sent in a header.
  const isToken =
    token.startsWith(PREFIX) && /^[!-~]+$/.test(token) && token.length > PREFIX.length;
  return isToken ? null : "wrong_prefix";
}

async function store(
  { db, keyring }: { db: Pick<Database, "transaction">; keyring: Keyring },
  { id, domain }: { id: bigint; domain: string },
  { adAccountId, token }: { adAccountId: string; token: string },
  by: { actor: string; earlier: EarlierEvents },
): Promise<void> {
  await db.transaction(async (client) => {
    await lockInstalledShop(client, domain);
    const pasted = {
      adAccountId,
      accountName: null,
      accountCurrency: null,
      kind: "pasted",
      token,
      tokenExpiresAt: null,
      refreshToken: null,
      refreshExpiresAt: null,
      conversionToken: null,
      scopes: "",
      signedInAs: null,
    } as const;
    await storeConnection(client, keyring, { id, domain }, pasted, { ...by, liftsPause: false });
    await client.query(
      "update connection set tested_at = now(), test_result = 'passed' where shop_id = $1",
      [id],
    );
    await client.query("delete from pinterest_sign_in where shop_id = $1", [id]);
  });
}
