/**
 * The identity that an encrypted payload is bound to: moved to another event's row, it cannot be
 * decrypted, so a mistake in a query cannot send one shop's event for another's.
 */
export function payloadIdentity(shopId: bigint, kind: string, sourceKey: string): string {
  return `event_payload:${shopId}:${kind}:${sourceKey}`;
}
