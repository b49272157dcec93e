import type { z } from "zod";
import { conversionTokenAnswer, tokenAnswer } from "./answers.server.ts";
import { invalid, type Result, readResult } from "./result.server.ts";
import type { Transport } from "./transport.server.ts";

/** The app at Pinterest, by which merchants sign in. */
export interface OAuthApp {
  clientId: string;
  clientSecret: string;
}

export interface OAuthTokens {
  accessToken: string;
  expiresInSeconds: number;
  /** Null when the app is registered without one. */
  refreshToken: string | null;
  refreshExpiresInSeconds: number | null;
  scopes: string[];
}

export type RefreshedTokens = OAuthTokens & { refreshToken: string };

/** Exchanges the code of a sign-in, valid once and for about ten minutes, for tokens. */
export async function exchangeOAuthCode(
  transport: Transport,
  app: OAuthApp | null,
  { code, redirectUri }: { code: string; redirectUri: string },
): Promise<Result<OAuthTokens>> {
  const form = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
  return requestTokens(transport, app, form, [code]);
}

/**
 * Exchanges a refresh token for new tokens. Pinterest replaces the refresh token too, so the new
 * one must be stored before the access token is used (specification 5.23, `oauth/token`).
 */
export async function refreshOAuthToken(
  transport: Transport,
  app: OAuthApp | null,
  refreshToken: string,
): Promise<Result<RefreshedTokens>> {
  const form = { grant_type: "refresh_token", refresh_token: refreshToken };
  const tokens = await requestTokens(transport, app, form, [refreshToken]);
  if (!tokens.ok) return tokens;
  return {
    ok: true,
    value: { ...tokens.value, refreshToken: tokens.value.refreshToken ?? refreshToken },
  };
}

/** Creates a long-lived token that can only send events. Needs an OAuth token with `ads:write`. */
export async function createConversionToken(
  transport: Transport,
  { token }: { token: string },
): Promise<Result<string>> {
  const exchange = await transport.send({
    method: "POST",
    path: "/oauth/conversion_token",
    authorization: `Bearer ${token}`,
    secrets: () => [token],
  });
  const read = readResult(exchange, conversionTokenAnswer);
  return read.ok ? { ok: true, value: read.value.access_token } : read;
}

async function requestTokens(
  transport: Transport,
  app: OAuthApp | null,
  form: Record<string, string>,
  secrets: readonly string[],
): Promise<Result<OAuthTokens>> {
  if (app === null) return invalid("Signing in with Pinterest is not set up for this app");
  const credentials = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString("base64");
  // Pinterest no longer issues refresh tokens that end after a year; apps from before September
  // 2025 must ask for the new kind.
  const fields = new URLSearchParams({ ...form, continuous_refresh: "true" });
  const exchange = await transport.send({
    method: "POST",
    path: "/oauth/token",
    authorization: `Basic ${credentials}`,
    body: { type: "application/x-www-form-urlencoded", text: fields.toString() },
    secrets: () => [...secrets, app.clientSecret, credentials],
  });
  const read = readResult(exchange, tokenAnswer);
  return read.ok ? { ok: true, value: toTokens(read.value) } : read;
}

function toTokens(answer: z.infer<typeof tokenAnswer>): OAuthTokens {
  return {
    accessToken: answer.access_token,
    expiresInSeconds: answer.expires_in,
    refreshToken: answer.refresh_token ?? null,
    refreshExpiresInSeconds: answer.refresh_token_expires_in ?? null,
    scopes: (answer.scope ?? "").split(/[\s,]+/).filter((scope) => scope !== ""),
  };
}
