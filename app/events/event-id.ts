/** What a store event is about; its id (or token) is what identifies the conversion event. */
type SourceKind = "order" | "checkout" | "customer";

/**
 * The event id of one source and kind of event, for ever: retries, duplicates, edits and replays
 * get the same one, because it is made of nothing but identity.
 */
export function deriveEventId(source: SourceKind, key: string, name: string): string {
  return `${source}-${key}-${name}`;
}

/** Which source the store's own events of a name have: `order-5-signup` is nobody's sign-up. */
const SOURCES: ReadonlyMap<string, SourceKind> = new Map([
  ["checkout", "order"],
  ["initiate_checkout", "checkout"],
  ["signup", "customer"],
]);

/**
 * The key that `deriveEventId` made this id from, for an event of this name; null for an id that
 * no store event has.
 */
export function sourceKeyOf(eventId: string, name: string): string | null {
  const source = SOURCES.get(name);
  const [start, end] = [`${source}-`, `-${name}`];
  if (source === undefined || !eventId.startsWith(start) || !eventId.endsWith(end)) return null;
  const key = eventId.slice(start.length, -end.length);
  return /^\w+$/.test(key) ? key : null;
}
