import type { RunKind } from "./store-run.server.ts";

/** A run as the worker holds it. */
export interface LockedRun {
  id: bigint;
  kind: RunKind;
  state: string;
  actor: string;
  shopId: bigint;
  domain: string;
  lane: number;
}

/** An item that the outbox does not have yet. */
export interface WaitingItem {
  place: number;
  eventId: string | null;
  eventName: string | null;
  /** The encrypted mapped event, of a run that sends. */
  body: Buffer | null;
}

/** The outcome of an item: it is in the outbox under this id, or skipped with a reason. */
export type HandledItem = { place: number; eventId: string | null } & (
  | { state: "queued" }
  | { state: "left"; why: string }
);

/** The item as its row of `run_item`. */
export function runItem(item: HandledItem) {
  const { place, eventId, state } = item;
  return { place, event_id: eventId, state, why: state === "left" ? item.why : null };
}
