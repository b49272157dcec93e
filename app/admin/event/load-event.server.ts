import type { EventState } from "#app/events/event-state.ts";
import {
  type EventName,
  type EventRecord,
  readEventRecord,
} from "#app/outbox/read-event-record.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { type EventActions, judgeActions } from "./event-actions.ts";
import { type EventContext, loadEventContext } from "./load-event-context.server.ts";

export interface LoadedEvent {
  record: EventRecord;
  eventContext: EventContext;
  /** What may be done with it now: the page offers no other than the act lets through. */
  actions: EventActions;
}

/** An event of the shop with what decides about it; null: the shop has none such. */
export async function loadEvent(
  { db, keyring }: { db: Pick<Database, "pool" | "readAsShop">; keyring: Keyring },
  shopId: bigint,
  name: EventName,
  now: Date,
): Promise<LoadedEvent | null> {
  const keys = await keyring.load(db.pool, [shopId]);
  return db.readAsShop(shopId, async (tx) => {
    const record = await readEventRecord(tx, keys, shopId, name);
    if (record === null) return null;
    const eventContext = await loadEventContext(tx, record.row);
    const { reason, kind, orderId, eventTime, nextAt } = record.row;
    const actions = judgeActions({
      state: toState(record),
      reason,
      kind,
      orderId,
      eventTime: Number(eventTime),
      nowSeconds: Math.floor(now.getTime() / 1_000),
      hasBody: record.body !== null,
      nextAtMs: nextAt.getTime(),
      connection: eventContext.connection.state,
    });
    return { record, eventContext, actions };
  });
}

export function toState({ row, isSending }: EventRecord): EventState {
  return isSending ? "sending" : (row.state as EventState);
}
