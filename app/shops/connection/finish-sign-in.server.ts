import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { signInIdentity } from "#app/events/encryption-identity.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { keepTrying } from "#app/platform/work/keep-trying.server.ts";
import { lockInstalledShop } from "./connect-ad-account.server.ts";
import { buildRedirectUri, decryptGrant } from "./sign-in-attempt.server.ts";

/**
 * `signed_in`: an ad account is to be chosen. `used`: the sign-in is another person's, ran out, or
 * was finished before; nothing changed. `failed`: Pinterest gave no tokens; nothing changed.
 */
export type SignInEnd = "signed_in" | "used" | "failed";

interface Services {
  db: Pick<Database, "transaction" | "pool">;
  keyring: Keyring;
  config: Pick<Config, "SHOPIFY_APP_URL">;
  pinterest: Pick<
    PinterestClient,
    "exchangeOAuthCode" | "createConversionToken" | "getUserAccount"
  >;
  nowMs: () => number;
}

/** A merchant waits. */
const STORE_WITHIN_MS = 10_000;

type Tokens = Extract<
  Awaited<ReturnType<PinterestClient["exchangeOAuthCode"]>>,
  { ok: true }
>["value"];

/**
 * Exchanges the code for tokens, stores them before they are used, and asks for a token for sending
 * alone. That one, and the user's name, may be missing: sending works without.
 */
export async function finishSignIn(
  services: Services,
  { domain }: { domain: string },
  actor: string,
  sealedGrant: string,
): Promise<SignInEnd> {
  const { pinterest, config, nowMs } = services;
  const grant = await decryptGrant(services, sealedGrant);
  const isOwn = grant?.shop === domain && grant.actor === actor && grant.expiresAt > nowMs();
  if (!isOwn) return "used";
  const redirectUri = buildRedirectUri(config);
  const tokens = await pinterest.exchangeOAuthCode({ code: grant.code, redirectUri });
  // Pinterest takes a code once: an address that is opened again ends here.
  if (!tokens.ok) return tokens.error.kind === "invalid" ? "used" : "failed";
  const stored = await storeSignIn(services, domain, actor, tokens.value);
  const { accessToken: token } = tokens.value;
  const [conversion, user] = await Promise.all([
    pinterest.createConversionToken({ token }),
    pinterest.getUserAccount({ token }),
  ]);
  const conversionToken = conversion.ok ? conversion.value : null;
  const name = user.ok ? (user.value.username ?? user.value.business_name ?? null) : null;
  await completeSignIn(services, domain, stored, { conversionToken, name });
  return "signed_in";
}

interface StoredSignIn {
  shopId: bigint;
  /** As the row has it. */
  token: Buffer;
}

/** Keeps trying: Pinterest takes the code no more. */
async function storeSignIn(
  { db, keyring }: Services,
  domain: string,
  actor: string,
  tokens: Tokens,
): Promise<StoredSignIn> {
  const store = async (client: PoolClient) => {
    const { id } = await lockInstalledShop(client, domain);
    const keys = await keyring.ensure(client, [id]);
    const token = keys.encrypt(id, tokens.accessToken, signInIdentity(domain, "token"));
    await client.query(
      `insert into pinterest_sign_in (shop_id, token, token_expires_at, refresh_token,
          refresh_expires_at, scopes)
        values ($1, $2, now() + $3::float8 * interval '1 second', $4,
          now() + $5::float8 * interval '1 second', $6)
        on conflict (shop_id) do update set token = excluded.token,
          token_expires_at = excluded.token_expires_at, refresh_token = excluded.refresh_token,
          refresh_expires_at = excluded.refresh_expires_at, conversion_token = null,
          scopes = excluded.scopes, signed_in_as = null, created_at = now()`,
      [
        id,
        token,
        tokens.expiresInSeconds,
        tokens.refreshToken === null
          ? null
          : keys.encrypt(id, tokens.refreshToken, signInIdentity(domain, "refresh_token")),
        tokens.refreshToken === null ? null : tokens.refreshExpiresInSeconds,
        tokens.scopes.join(","),
      ],
    );
    const after = { scopes: tokens.scopes };
    await writeAuditEntry(client, { shopId: id, actor, action: "connection.sign_in", after });
    return { shopId: id, token };
  };
  return keepTrying(() => db.transaction(store), STORE_WITHIN_MS);
}

/** Adds to the sign-in what was found with its token; one that came meanwhile is another. */
async function completeSignIn(
  { db, keyring }: Services,
  domain: string,
  { shopId, token }: StoredSignIn,
  { conversionToken, name }: { conversionToken: string | null; name: string | null },
): Promise<void> {
  const identity = signInIdentity(domain, "conversion_token");
  const sealed =
    conversionToken === null
      ? null
      : await keyring.encrypt(db.pool, shopId, conversionToken, identity);
  await db.pool.query(
    `update pinterest_sign_in set conversion_token = $2, signed_in_as = $3
      where shop_id = $1 and token = $4`,
    [shopId, sealed, name, token],
  );
}
