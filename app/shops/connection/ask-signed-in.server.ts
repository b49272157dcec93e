import type { Result } from "#app/pinterest/result.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Keyring, listOwners } from "#app/platform/keyring.server.ts";
import type { RenewalServices } from "./exchange-pair.server.ts";
import { decryptToken } from "./read-connection.server.ts";
import { renewSignIn } from "./renew-sign-ins.server.ts";

/** The requests that may be sent to Pinterest for a shop, besides its events. */
export type SignInAccess =
  | { kind: "signed_in"; adAccountId: string; token: string }
  /** `pasted`: its token may only send events. `paused`: nothing is asked until it is resumed. */
  | { kind: "pasted" | "paused"; adAccountId: string }
  | { kind: "none" };

export interface SignInServices {
  db: Pick<Database, "pool" | "queryAsShop" | "transaction">;
  keyring: Keyring;
  pinterest: RenewalServices["pinterest"];
}

interface ConnectionRow {
  ad_account_id: string;
  token: Buffer;
  state: "active" | "paused";
  kind: "pasted" | "sign_in";
}

/** Rejects with KeyringError for a key that this process was not given. */
export async function readSignInAccess(
  { db, keyring }: Pick<SignInServices, "db" | "keyring">,
  { id, domain }: { id: bigint; domain: string },
): Promise<SignInAccess> {
  const [row] = await db.queryAsShop<ConnectionRow>(id, {
    name: "read-sign-in-access",
    text: "select ad_account_id, token, state, kind from connection where shop_id = $1",
    values: [id.toString()],
  });
  if (row === undefined) return { kind: "none" };
  const { ad_account_id: adAccountId } = row;
  if (row.kind === "pasted") return { kind: "pasted", adAccountId };
  if (row.state === "paused") return { kind: "paused", adAccountId };
  const keys = await keyring.load(db.pool, listOwners([row.token]));
  const token = decryptToken(keys, domain, row);
  return { kind: "signed_in", adAccountId, token };
}

/**
 * Asks with the shop's sign-in, and once more with a renewed one when Pinterest refuses the token.
 * A refusal means that nothing was done, so that a write may be asked again as well. `hasEnded`:
 * Pinterest renews the sign-in no more.
 */
export async function askSignedIn<T>(
  services: SignInServices,
  shop: { id: bigint; domain: string },
  access: Extract<SignInAccess, { kind: "signed_in" }>,
  ask: (query: { adAccountId: string; token: string }) => Promise<Result<T>>,
): Promise<Result<T> & { hasEnded?: true }> {
  const { adAccountId } = access;
  const first = await ask({ adAccountId, token: access.token });
  if (first.ok || first.error.kind !== "unauthorized") return first;
  const renewal = await renewSignIn(services, shop.id, access.token);
  // Whether the sign-in has ended is not known yet.
  if (renewal === "unavailable") return { ok: false, error: { ...first.error, kind: renewal } };
  if (renewal === "refused") return { ...first, hasEnded: true };
  if (renewal === "gone") return first;
  const renewed = await readSignInAccess(services, shop);
  // Meanwhile the merchant may have chosen another ad account: what it has was not asked for.
  if (renewed.kind !== "signed_in" || renewed.adAccountId !== adAccountId) return first;
  return ask({ adAccountId, token: renewed.token });
}

/**
 * The answer, or null when it takes longer: a page is given up after five seconds, and what was
 * asked is kept for the next one.
 */
export async function withTimeout<T>(answer: Promise<T>, waitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, waitMs, null);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
