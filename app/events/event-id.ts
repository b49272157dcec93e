/** The source of a store event; its id (or token) identifies the conversion event. */
type SourceKind = "order" | "checkout" | "customer";

/**
 * Derives the event id of one source and kind of event. It never changes: retries, duplicates,
 * edits and replays get the same id, because it is made of identity alone.
 */
export function deriveEventId(source: SourceKind, key: string, name: string): string {
  return `${source}-${key}-${name}`;
}

/** The kind of source that the store's own events of a name have: `order-5-signup` is not a sign-up's id. */
export const SOURCE_KINDS = {
  checkout: "order",
  initiate_checkout: "checkout",
  signup: "customer",
} as const satisfies Record<string, SourceKind>;

function hasSource(name: string): name is keyof typeof SOURCE_KINDS {
  return Object.hasOwn(SOURCE_KINDS, name);
}

/**
 * Finds the key that `deriveEventId` made this id from, for an event of this name; null for an id
 * that no store event has.
 */
export function parseSourceKey(eventId: string, name: string): string | null {
  if (!hasSource(name)) return null;
  const [start, end] = [`${SOURCE_KINDS[name]}-`, `-${name}`];
  if (!eventId.startsWith(start) || !eventId.endsWith(end)) return null;
  const key = eventId.slice(start.length, -end.length);
  return /^\w+$/.test(key) ? key : null;
}

/** Whether a store event has, or may get, this id: nobody else may give it to another event. */
export function isOfStoreEvent(eventId: string): boolean {
  return Object.keys(SOURCE_KINDS).some((name) => parseSourceKey(eventId, name) !== null);
}

/**
 * The source of an event that was given with an id: the store event's if the id is one, otherwise
 * its own.
 */
export function givenSourceKey(eventId: string, name: string): string {
  return parseSourceKey(eventId, name) ?? `given:${eventId}`;
}
