/**
 * What a connection's encrypted tokens are bound to: copied to another shop's row they do not
 * decrypt, so a slip in a query cannot send one shop's events with another's token.
 */
export function tokenIdentity(domain: string): string {
  return `connection.token:${domain}`;
}

export function refreshTokenIdentity(domain: string): string {
  return `connection.refresh_token:${domain}`;
}
