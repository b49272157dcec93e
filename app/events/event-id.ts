/** What a store event is about; its id (or token) is what identifies the conversion event. */
type SourceKind = "order" | "checkout" | "customer";

/**
 * The event id of one source and kind of event, for ever: retries, duplicates, edits and replays
 * get the same one, because it is made of nothing but identity.
 */
export function deriveEventId(source: SourceKind, key: string, name: string): string {
  return `${source}-${key}-${name}`;
}
