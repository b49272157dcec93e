import { createHash, type KeyObject, verify } from "node:crypto";

interface AssertionContext {
  apiKey: string;
  appKey: KeyObject | null;
  usedAssertions: Set<string>;
  now: () => number;
}

/** Clocks differ by so much at most, and an assertion is good for so long. */
const SKEW_SECONDS = 10;
const LONGEST_SECONDS = 300;

/**
 * Whether a client assertion (RFC 7523) is the app's, for this shop's token endpoint, young, and used
 * for the first time.
 */
export function isAssertionGood(
  { apiKey, appKey, usedAssertions, now }: AssertionContext,
  shop: string,
  assertion: string,
): boolean {
  const [head = "", body = "", signature = "", ...rest] = assertion.split(".");
  const [header, claims] = [head, body].map(decode);
  if (appKey === null || header == null || claims == null || rest.length > 0) return false;
  const { e, kty, n } = appKey.export({ format: "jwk" });
  const kid = createHash("sha256").update(JSON.stringify({ e, kty, n })).digest("base64url");
  if (header.alg !== "RS256" || header.kid !== kid) return false;
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify("sha256", signed, appKey, Buffer.from(signature, "base64url"))) return false;
  const { iss, sub, aud, iat, exp, jti } = claims;
  const seconds = now() / 1_000;
  const isOurs = iss === apiKey && sub === apiKey;
  const isHere = aud === `https://${shop}/admin/oauth/access_token`;
  if (typeof iat !== "number" || typeof exp !== "number" || typeof jti !== "string") return false;
  const isYoung = iat <= seconds + SKEW_SECONDS && exp > seconds && exp - iat <= LONGEST_SECONDS;
  if (!isOurs || !isHere || !isYoung || usedAssertions.has(jti)) return false;
  usedAssertions.add(jti);
  return true;
}

function decode(part: string): Record<string, unknown> | null {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
