/**
 * What an encrypted payload is bound to: moved to another event's row it does not decrypt, so a
 * slip in a query cannot send one shop's event for another's.
 */
export function payloadIdentity(shopId: bigint, kind: string, sourceKey: string): string {
  return `event_payload:${shopId}:${kind}:${sourceKey}`;
}
