import type { PoolClient } from "pg";
import { replayEventsIn } from "#app/outbox/replay-events.server.ts";
import type { HandledItem, LockedRun, WaitingItem } from "./run-item.server.ts";

/** Puts the items' events back in line, within the transaction of `client`. */
export async function replayItems(
  client: PoolClient,
  _services: unknown,
  { shopId, actor }: LockedRun,
  items: readonly WaitingItem[],
): Promise<HandledItem[]> {
  const events = items.map(({ eventId, eventName }) => ({
    eventId: eventId ?? "",
    eventName: eventName ?? "",
  }));
  const { left } = await replayEventsIn(client, { shopId, events }, actor);
  const reasons = new Map(left.map((event) => [`${event.event_name}\n${event.event_id}`, event]));
  return items.map(({ place, eventId, eventName }) => {
    const leftOut = reasons.get(`${eventName}\n${eventId}`);
    return leftOut === undefined
      ? { place, eventId, state: "queued" }
      : { place, eventId, state: "left", why: leftOut.why };
  });
}
