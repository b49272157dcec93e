import type { GivenRow } from "#app/tasks/task-request.server.ts";

/**
 * Lets an event hold the very values of the one before it where they are the same: what a batch says
 * for all of its events is in memory once then, and not ten thousand times.
 */
export function shareRepeats(row: GivenRow, before: GivenRow): void {
  share(row.event.user_data, before.event.user_data);
  const { custom_data: own } = row.event;
  if (own !== undefined) share(own, before.event.custom_data ?? {});
  share(row.event, before.event);
  share(row.mapped, before.mapped);
}

function share(own: object, before: object): void {
  const known = new Map<string, unknown>(Object.entries(before));
  for (const [key, value] of Object.entries(own)) {
    const same = known.get(key);
    if (isSame(value, same)) Object.assign(own, { [key]: same });
  }
}

function isSame(own: unknown, before: unknown): boolean {
  if (typeof own === "string") return own === before;
  if (!Array.isArray(own) || !Array.isArray(before) || own.length !== before.length) return false;
  return own.every((item, place) => typeof item === "string" && item === before[place]);
}
