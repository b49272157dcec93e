import type { EventState } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type EventActions, judgeActions } from "./event-actions.ts";

export interface FoundEvent {
  kind: string;
  orderId: string | null;
  actions: EventActions;
}

interface FoundRow {
  kind: string;
  order_id: string | null;
  state: EventState;
  reason: string | null;
  event_time: bigint;
  next_at: Date;
  has_body: boolean;
  connection: "active" | "paused" | null;
  now_seconds: bigint;
}

/** An event of the shop, the newest of the id, and what may be done with it; null: there is none. */
export async function findEvent(
  { db }: { db: Pick<Database, "queryAsShop"> },
  shopId: bigint,
  { eventId, kind }: { eventId: string; kind: string | null },
): Promise<FoundEvent | null> {
  const [row] = await db.queryAsShop<FoundRow>(shopId, {
    text: `select e.kind, e.order_id, e.state, e.reason, e.event_time, e.next_at, c.state as connection,
        extract(epoch from now())::bigint as now_seconds,
        exists (select from event_payload p
          where p.drop_on = e.payload_drop_on and p.event_ref = e.id) as has_body
      from event e left join connection c on c.shop_id = e.shop_id
      where e.shop_id = $1 and e.event_id = $2 and ($3::text is null or e.kind = $3)
      order by e.id desc limit 1`,
    values: [shopId.toString(), eventId, kind],
  });
  if (row === undefined) return null;
  const { kind: name, order_id: orderId, state, reason } = row;
  const actions = judgeActions({
    state,
    reason,
    kind: name,
    orderId,
    eventTime: Number(row.event_time),
    nowSeconds: Number(row.now_seconds),
    hasBody: row.has_body,
    nextAtMs: row.next_at.getTime(),
    connection: row.connection ?? "none",
  });
  return { kind: name, orderId, actions };
}
