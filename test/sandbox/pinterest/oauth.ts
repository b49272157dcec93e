import { randomBytes } from "node:crypto";
import type { Answer, SandboxRequest } from "../local-server.ts";
import type { Directory } from "./directory.ts";
import { errorAnswer } from "./errors.ts";

export interface OauthClient {
  id: string;
  secret: string;
}

export interface Oauth {
  /** The page where the merchant consents, `GET /oauth/`. */
  consent(request: SandboxRequest): Answer;
  /** `POST /v5/oauth/token` */
  token(request: SandboxRequest): Answer;
  /** A code as the consent page hands out, for tests without a browser. */
  issueCode(redirectUri: string, scope?: string): string;
}

const ACCESS_SECONDS = 30 * 24 * 60 * 60;
const REFRESH_SECONDS = 60 * 24 * 60 * 60;
const CODE_MS = 10 * 60 * 1000;
const DEFAULT_SCOPE = "ads:read,ads:write,user_accounts:read";

interface Grant {
  redirectUri: string;
  scope: string;
  expiresAt: number;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function consentPage(back: URL, code: string, state: string): string {
  const allow = new URL(back);
  allow.searchParams.set("code", code);
  allow.searchParams.set("state", state);
  const deny = new URL(back);
  deny.searchParams.set("error", "access_denied");
  deny.searchParams.set("state", state);
  return `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Local Pinterest</title><body style="font:16px sans-serif;margin:4rem">
<h1>Local Pinterest</h1><p>The app asks for access to your ad accounts.</p>
<p><a id="allow" href="${escapeHtml(allow.href)}">Give access</a> &nbsp; <a id="deny" href="${escapeHtml(deny.href)}">Cancel</a></p></body></html>`;
}

/**
 * OAuth as Pinterest does it: codes are single use, live 10 minutes and belong to one redirect URI;
 * refresh tokens rotate, and a used one is refused.
 */
export function createOauth(directory: Directory, client: OauthClient, now: () => number): Oauth {
  const codes = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant>();
  const basic = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`;

  function issueCode(redirectUri: string, scope = DEFAULT_SCOPE): string {
    const code = randomBytes(20).toString("hex");
    codes.set(code, { redirectUri, scope, expiresAt: now() + CODE_MS });
    return code;
  }

  function issueTokens(grant: Grant, responseType: string): Answer {
    const scopes = grant.scope.split(/[ ,]+/);
    const refreshToken = `pinr.${randomBytes(48).toString("base64url")}`;
    refreshTokens.set(refreshToken, { ...grant, expiresAt: now() + REFRESH_SECONDS * 1000 });
    const json = {
      response_type: responseType,
      access_token: directory.issueToken({ kind: "oauth", scopes }),
      token_type: "bearer",
      expires_in: ACCESS_SECONDS,
      refresh_token: refreshToken,
      refresh_token_expires_in: REFRESH_SECONDS,
      refresh_token_expires_at: Math.floor(now() / 1000) + REFRESH_SECONDS,
      scope: grant.scope.replaceAll(",", " "),
    };
    return { status: 200, json };
  }

  function exchangeCode(form: URLSearchParams): Answer {
    const code = form.get("code") ?? "";
    const grant = codes.get(code);
    codes.delete(code);
    const isValid = grant?.redirectUri === form.get("redirect_uri") && grant.expiresAt > now();
    return isValid
      ? issueTokens(grant, "authorization_code")
      : errorAnswer(400, "Invalid authorization code");
  }

  function refresh(form: URLSearchParams): Answer {
    const token = form.get("refresh_token") ?? "";
    const grant = refreshTokens.get(token);
    refreshTokens.delete(token);
    return grant !== undefined && grant.expiresAt > now()
      ? issueTokens(grant, "refresh_token")
      : errorAnswer(400, "Invalid refresh token");
  }

  return {
    issueCode,
    consent({ url }) {
      const asked = url.searchParams;
      const redirectUri = asked.get("redirect_uri") ?? "";
      const isKnown = asked.get("client_id") === client.id && URL.canParse(redirectUri);
      if (!isKnown || asked.get("response_type") !== "code" || !asked.get("state")) {
        return {
          status: 400,
          text: "client_id, redirect_uri, response_type=code and state needed",
        };
      }
      const code = issueCode(redirectUri, asked.get("scope") ?? DEFAULT_SCOPE);
      return {
        status: 200,
        text: consentPage(new URL(redirectUri), code, asked.get("state") ?? ""),
      };
    },
    token({ headers, body }) {
      if (!headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
        return errorAnswer(400, "Invalid request: the body must be form data");
      }
      if (headers.authorization !== basic) return errorAnswer(401);
      const form = new URLSearchParams(body.toString());
      const grantType = form.get("grant_type");
      if (grantType === "authorization_code") return exchangeCode(form);
      if (grantType === "refresh_token") return refresh(form);
      return errorAnswer(400, "Invalid request: grant_type is not supported");
    },
  };
}
