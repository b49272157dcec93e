import type { KeyObject } from "node:crypto";
import type { Answer, SandboxRequest } from "../local-server.ts";
import type { InstalledShops, IssuedTokens } from "./installed-shops.ts";
import { verifySessionToken } from "./session-token.ts";
import { isAssertionGood } from "./verify-assertion.ts";

export interface TokenContext {
  apiKey: string;
  secrets: string[];
  scopes: string;
  shops: InstalledShops;
  /** The public key that the app's developer gave Shopify; null: none. */
  appKey: KeyObject | null;
  /** Assertions that were used, by their ids. */
  usedAssertions: Set<string>;
  now: () => number;
}

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";
const OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token";
const ONLINE = "urn:shopify:params:oauth:token-type:online-access-token";

function refuse(error: string, status = 400): Answer {
  return { status, json: { error, error_description: error.replaceAll("_", " ") } };
}

function tokensAnswer(tokens: IssuedTokens, scope: string): Answer {
  const json = {
    access_token: tokens.accessToken,
    scope,
    ...(tokens.expiresInSeconds === null ? {} : { expires_in: tokens.expiresInSeconds }),
    ...(tokens.refreshToken === null
      ? {}
      : {
          refresh_token: tokens.refreshToken,
          refresh_token_expires_in: tokens.refreshTokenExpiresInSeconds,
        }),
  };
  return { status: 200, json };
}

function associatedUser(userId: string): object {
  return {
    id: Number(userId),
    first_name: "Sandbox",
    last_name: "Owner",
    email: "owner@sandbox.example",
    email_verified: true,
    account_owner: true,
    locale: "en",
    collaborator: false,
  };
}

function exchange(context: TokenContext, shop: string, body: Record<string, string>): Answer {
  if (body.subject_token_type !== ID_TOKEN) return refuse("invalid_request");
  const { apiKey, secrets, now } = context;
  const claims = verifySessionToken(body.subject_token ?? "", { apiKey, secrets, nowMs: now() });
  if (claims?.dest !== `https://${shop}`) return refuse("invalid_subject_token");
  // Managed installation: opening the app means that it is installed.
  if (context.shops.get(shop) === undefined) context.shops.install({ domain: shop });
  if (body.requested_token_type === OFFLINE) {
    return tokensAnswer(context.shops.issueTokens(shop, body.expiring === "1"), context.scopes);
  }
  if (body.requested_token_type !== ONLINE) return refuse("invalid_request");
  const answer = tokensAnswer(context.shops.issueTokens(shop, true), context.scopes);
  const { refresh_token, refresh_token_expires_in, ...kept } = answer.json as Record<
    string,
    unknown
  >;
  const user = {
    associated_user_scope: context.scopes,
    associated_user: associatedUser(claims.sub),
  };
  return { status: 200, json: { ...kept, ...user } };
}

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A token for an hour, without one to renew it, of a shop that has the app. */
function applicationToken(
  context: TokenContext,
  shop: string,
  body: Record<string, string>,
): Answer {
  const isAsserted = body.client_assertion_type === ASSERTION && body.client_secret === undefined;
  const isClient = body.client_id === context.apiKey;
  if (!isAsserted || !isClient || !isAssertionGood(context, shop, body.client_assertion ?? "")) {
    return refuse("invalid_client", 401);
  }
  if (context.shops.get(shop) === undefined) return refuse("shop_not_permitted");
  const { accessToken, expiresInSeconds } = context.shops.issueTokens(shop, true);
  const json = { access_token: accessToken, scope: context.scopes, expires_in: expiresInSeconds };
  return { status: 200, json };
}

function readBody({ headers, body }: SandboxRequest): Record<string, string> | null {
  const text = body.toString();
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return null;
  }
}

/** `POST /admin/oauth/access_token`: token exchange and refresh. */
export function answerTokenRequest(
  context: TokenContext,
  shop: string,
  request: SandboxRequest,
): Answer {
  const body = readBody(request);
  if (body === null) return refuse("invalid_request");
  if (body.grant_type === "client_credentials") return applicationToken(context, shop, body);
  const isClient = body.client_id === context.apiKey;
  if (!isClient || !context.secrets.includes(body.client_secret ?? "")) {
    return refuse("invalid_client", 401);
  }
  if (body.grant_type === EXCHANGE) return exchange(context, shop, body);
  if (body.grant_type !== "refresh_token") return refuse("unsupported_grant_type");
  const tokens = context.shops.refresh(shop, body.refresh_token ?? "");
  return tokens === null ? refuse("invalid_grant") : tokensAnswer(tokens, context.scopes);
}
