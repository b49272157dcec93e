import { MAX_EVENTS_PER_REQUEST } from "#app/pinterest/limits.server.ts";

/** What goes into each request, in order. */
export function intoRequests<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / MAX_EVENTS_PER_REQUEST);
  return Array.from({ length: count }, (_, n) =>
    items.slice(n * MAX_EVENTS_PER_REQUEST, (n + 1) * MAX_EVENTS_PER_REQUEST),
  );
}
