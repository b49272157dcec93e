import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

export interface SessionTokenClaims {
  iss: string;
  dest: string;
  aud: string;
  /** Id of the staff member. */
  sub: string;
  exp: number;
  nbf: number;
  iat: number;
  jti: string;
  sid: string;
}

export interface SessionTokenInput {
  shop: string;
  apiKey: string;
  secret: string;
  /** Milliseconds since 1970. */
  nowMs: number;
  userId?: string;
  /** Wrong or missing claims, for tests of refusal. */
  claims?: Record<string, unknown>;
}

/** Shopify's id of the user of the local admin. */
export const SANDBOX_USER = "548380009";
const LIFETIME_SECONDS = 60;
/** Clocks may differ by this much; the same as Shopify's own library allows. */
const TOLERANCE_SECONDS = 10;
const HEADER = Buffer.from(JSON.stringify({ alg: "HS256", typ: "JWT" })).toString("base64url");

function sign(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}

/** A token as App Bridge hands out: HS256, one minute, for one shop and one staff member. */
export function issueSessionToken(input: SessionTokenInput): string {
  const now = Math.floor(input.nowMs / 1000);
  const userId = input.userId ?? SANDBOX_USER;
  const claims: SessionTokenClaims = {
    iss: `https://${input.shop}/admin`,
    dest: `https://${input.shop}`,
    aud: input.apiKey,
    sub: userId,
    exp: now + LIFETIME_SECONDS,
    nbf: now,
    iat: now,
    jti: randomUUID(),
    sid: randomUUID(),
  };
  const payload = Buffer.from(JSON.stringify({ ...claims, ...input.claims })).toString("base64url");
  return `${HEADER}.${payload}.${sign(input.secret, `${HEADER}.${payload}`)}`;
}

/** The claims of a good token of this app; null when Shopify would refuse it. */
export function verifySessionToken(
  token: string,
  { apiKey, secrets, nowMs }: { apiKey: string; secrets: string[]; nowMs: number },
): SessionTokenClaims | null {
  const [header, payload, signature, rest] = token.split(".");
  if (header !== HEADER || !payload || !signature || rest !== undefined) return null;
  const given = Buffer.from(signature);
  const isSigned = secrets.some((secret) => {
    const expected = Buffer.from(sign(secret, `${header}.${payload}`));
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  if (!isSigned) return null;
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as SessionTokenClaims;
  const now = nowMs / 1000;
  const isCurrent = claims.exp > now - TOLERANCE_SECONDS && claims.nbf < now + TOLERANCE_SECONDS;
  const isOurs = claims.aud === apiKey && claims.iss === `${claims.dest}/admin`;
  return isCurrent && isOurs ? claims : null;
}
