/**
 * The identity that encrypted tokens are bound to: copied to another shop's row or another column,
 * they cannot be decrypted, so a mistake in a query cannot send one shop's events with another's
 * token.
 */
export function tokenIdentity(domain: string): string {
  return `connection.token:${domain}`;
}

export function refreshTokenIdentity(domain: string): string {
  return `connection.refresh_token:${domain}`;
}

export function conversionTokenIdentity(domain: string): string {
  return `connection.conversion_token:${domain}`;
}

/** The identity of a sign-in whose ad account is not chosen yet. */
export function signInIdentity(
  domain: string,
  column: "token" | "refresh_token" | "conversion_token",
): string {
  return `pinterest_sign_in.${column}:${domain}`;
}

/** The end of a shorter token would reveal too much of it. */
const SHORTEST_WITH_HINT = 20;

/** The last four characters, by which a person tells tokens apart; null for a token that is too short. */
export function endOfToken(token: string): string | null {
  return token.length < SHORTEST_WITH_HINT ? null : token.slice(-4);
}

/** The identity of a session with Shopify. */
export function sessionIdentity(sessionId: string): string {
  return `shopify_session:${sessionId}`;
}

/**
 * The identity that an encrypted payload is bound to: moved to another event's row, it cannot be
 * decrypted, so a mistake in a query cannot send one shop's event for another's.
 */
export function payloadIdentity(shopId: bigint, kind: string, sourceKey: string): string {
  return `event_payload:${shopId}:${kind}:${sourceKey}`;
}
