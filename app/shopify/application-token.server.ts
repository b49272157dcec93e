import { randomUUID, sign } from "node:crypto";
import { request } from "undici";
import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import type { AppKey } from "#app/platform/env/app-key-env.server.ts";
import { refuseWhileHolding } from "#app/platform/work/held-connection.server.ts";
import { SHOPIFY_TIMEOUT_MS } from "./ask-shopify.server.ts";

/** Who the app is at Shopify, as it proves without a person. */
export interface AppIdentity {
  apiKey: string;
  appKey: AppKey;
  /** Where the sandbox stands for Shopify. */
  sandboxUrl: string | undefined;
  nowMs: () => number;
}

export interface ApplicationToken {
  accessToken: string;
  scope: string;
  expiresAt: Date;
}

/** An assertion is used at once. */
const ASSERTION_SECONDS = 120;
const MOST_BYTES = 16 * 1024;

const tokenAnswer = z.object({
  access_token: boundedText(500),
  scope: boundedText(2_000),
  expires_in: z.int().positive(),
});

/**
 * Asks for an access token of a shop that has the app, without a person of the shop: for an hour, and
 * without a token to renew it. Null: Shopify gave none. Nothing of its answer is repeated, since it may
 * hold the assertion.
 */
export async function requestApplicationToken(
  identity: AppIdentity,
  domain: string,
): Promise<ApplicationToken | null> {
  refuseWhileHolding("Shopify");
  const { apiKey, sandboxUrl, nowMs } = identity;
  const address = tokenAddress(domain);
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: apiKey,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: signAssertion(identity, address),
  });
  const at = sandboxUrl === undefined ? address : `${sandboxUrl}${new URL(address).pathname}`;
  try {
    const { statusCode, body } = await request(at, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
        ...(sandboxUrl !== undefined && { "x-shopify-shop-domain": domain }),
      },
      body: form.toString(),
      signal: AbortSignal.timeout(SHOPIFY_TIMEOUT_MS),
    });
    const text = await readText(body);
    if (statusCode !== 200) return null;
    const {
      access_token: accessToken,
      scope,
      expires_in: seconds,
    } = tokenAnswer.parse(JSON.parse(text));
    return { accessToken, scope, expiresAt: new Date(nowMs() + seconds * 1_000) };
  } catch {
    return null;
  }
}

function tokenAddress(domain: string): string {
  return `https://${domain}/admin/oauth/access_token`;
}

/** A JWT by RFC 7523, for one shop's token endpoint and one use. */
function signAssertion({ apiKey, appKey, nowMs }: AppIdentity, audience: string): string {
  const now = Math.floor(nowMs() / 1_000);
  const claims = {
    iss: apiKey,
    sub: apiKey,
    aud: audience,
    iat: now,
    exp: now + ASSERTION_SECONDS,
    jti: randomUUID(),
  };
  const header = { alg: "RS256", typ: "JWT", kid: appKey.id };
  const signed = [header, claims].map((part) => encode(JSON.stringify(part))).join(".");
  return `${signed}.${sign("sha256", Buffer.from(signed), appKey.key).toString("base64url")}`;
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MOST_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
