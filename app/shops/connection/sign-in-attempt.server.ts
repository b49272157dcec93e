import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Database } from "#app/platform/db.server.ts";
import { digest } from "#app/platform/digest.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { INSTALLATION } from "#app/platform/keys/data-keys.server.ts";

/** A sign-in must finish within this time, which is the lifetime of Pinterest's code. */
const SIGN_IN_MINUTES = 10;

/** Accounts, tags and quality; events and tags made here; who signed in. Nothing else is asked. */
const SCOPES = "ads:read,ads:write,user_accounts:read";

type OAuthConfig = Pick<Config, "PINTEREST_OAUTH_URL" | "PINTEREST_CLIENT_ID" | "SHOPIFY_APP_URL">;

/** The URI must equal the one registered with Pinterest, letter for letter. */
export function buildRedirectUri({
  SHOPIFY_APP_URL,
}: Pick<OAuthConfig, "SHOPIFY_APP_URL">): string {
  return `${SHOPIFY_APP_URL}/pinterest/callback`;
}

/**
 * The address at Pinterest where the merchant gives access, with a `state` that is good once, for
 * this shop and ten minutes. Null where the installation has no app at Pinterest.
 */
export async function beginSignIn(
  services: {
    db: Pick<Database, "pool" | "transaction">;
    keyring: Keyring;
    config: OAuthConfig;
    nowMs: () => number;
  },
  { id, domain }: { id: bigint; domain: string },
  actor: string,
): Promise<string | null> {
  const { db, config, nowMs } = services;
  if (config.PINTEREST_CLIENT_ID === undefined) return null;
  const nonce = randomBytes(32).toString("base64url");
  await db.transaction(async (client) => {
    await client.query("delete from sign_in_attempt where expires_at < now()");
    await client.query(
      `insert into sign_in_attempt (nonce_hash, shop_id, actor, expires_at)
        values ($1, $2, $3, now() + interval '${SIGN_IN_MINUTES} minutes')`,
      [hashNonce(nonce), id, actor],
    );
  });
  const expiresAt = nowMs() + SIGN_IN_MINUTES * 60_000;
  const address = new URL(config.PINTEREST_OAUTH_URL);
  address.search = new URLSearchParams({
    client_id: config.PINTEREST_CLIENT_ID,
    redirect_uri: buildRedirectUri(config),
    response_type: "code",
    scope: SCOPES,
    state: await sealState(services, { shop: domain, nonce, expiresAt }),
  }).toString();
  return address.href;
}

interface Services {
  db: Pick<Database, "pool">;
  keyring: Keyring;
  config: Pick<Config, "SHOPIFY_API_KEY">;
  nowMs: () => number;
}

/**
 * Handles the address to which Pinterest returns the merchant. Returns the address in the Shopify
 * admin where the sign-in continues, or null: the `state` is not ours, has expired, or was used
 * before, and nothing was changed.
 *
 * The code is not exchanged here, because this page cannot identify the person. Otherwise an
 * attacker who lured a stranger through Pinterest's consent with a `state` of the attacker's shop
 * would get the stranger's tokens. In the admin Shopify identifies the person, and only the person
 * who began a sign-in finishes it.
 */
export async function handleSignInAnswer(
  services: Services,
  answer: URLSearchParams,
): Promise<string | null> {
  const { db, config, nowMs } = services;
  const state = await decryptState(services, answer.get("state") ?? "");
  const code = answer.get("code");
  const isDenied = answer.has("error");
  if (state === null || state.expiresAt < nowMs() || (code === null && !isDenied)) return null;
  const { rows } = await db.pool.query<{ actor: string }>(
    `delete from sign_in_attempt a using shop s
      where a.nonce_hash = $1 and a.expires_at > now() and s.id = a.shop_id and s.domain = $2
      returning a.actor`,
    [hashNonce(state.nonce), state.shop],
  );
  const attempt = rows[0];
  if (attempt === undefined) return null;
  const { shop } = state;
  if (isDenied || code === null) return adminAddress(config, shop, "sign_in_ended=denied");
  const expiresAt = nowMs() + SIGN_IN_MINUTES * 60_000;
  const grant = await sealGrant(services, { shop, actor: attempt.actor, code, expiresAt });
  return adminAddress(config, shop, `sign_in=${grant}`);
}

/** The connection's page inside the Shopify admin, where it was left. */
function adminAddress(
  { SHOPIFY_API_KEY }: Services["config"],
  shop: string,
  search: string,
): string {
  const store = shop.replace(/\.myshopify\.com$/, "");
  const app = `https://admin.shopify.com/store/${store}/apps/${encodeURIComponent(SHOPIFY_API_KEY)}`;
  return `${app}/app/settings/connection?${search}`;
}

const STATE_IDENTITY = "pinterest_sign_in.state";
const GRANT_IDENTITY = "pinterest_sign_in.grant";

const state = z.object({
  shop: z.string(),
  nonce: z.string(),
  /** Unix milliseconds. */
  expiresAt: z.number(),
});
type SignInState = z.infer<typeof state>;

const grant = z.object({
  shop: z.string(),
  /** The person who began; only that person may finish. */
  actor: z.string(),
  code: z.string(),
  expiresAt: z.number(),
});
export type SignInGrant = z.infer<typeof grant>;

/** Encrypts the `state` that goes to Pinterest and comes back, so that only we can create it. */
function sealState(services: Sealing, given: SignInState): Promise<string> {
  return seal(services, STATE_IDENTITY, given);
}

/** Returns null for a value that we did not create. */
function decryptState(services: Sealing, text: string): Promise<SignInState | null> {
  return open(services, STATE_IDENTITY, state, text);
}

/** Pinterest's code on its way through the merchant's browser into the Shopify admin. */
function sealGrant(services: Sealing, given: SignInGrant): Promise<string> {
  return seal(services, GRANT_IDENTITY, given);
}

/** Returns null for a value that we did not create. */
export function decryptGrant(services: Sealing, text: string): Promise<SignInGrant | null> {
  return open(services, GRANT_IDENTITY, grant, text);
}

/** Hashes the stored form: a reader of the database can't finish a sign-in with it. */
function hashNonce(nonce: string): string {
  return digest(nonce);
}

type Sealing = Pick<Services, "db" | "keyring">;

/** Under the installation's key: whose a value from the outside is, shows only when it opened. */
async function seal({ db, keyring }: Sealing, identity: string, given: object): Promise<string> {
  const text = JSON.stringify(given);
  return (await keyring.encrypt(db.pool, INSTALLATION, text, identity)).toString("base64url");
}

async function open<T>(
  { db, keyring }: Sealing,
  identity: string,
  schema: z.ZodType<T>,
  text: string,
): Promise<T | null> {
  const keys = await keyring.load(db.pool, [INSTALLATION]);
  try {
    const sealed = Buffer.from(text, "base64url");
    return schema.parse(JSON.parse(keys.decrypt(sealed, identity).toString("utf8")));
  } catch {
    return null;
  }
}
