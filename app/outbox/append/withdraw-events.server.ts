import type { PoolClient } from "pg";
import { bucketSql, type CountChange } from "#app/outbox/count-events.server.ts";
import {
  endedDropOnSql,
  movePayloads,
  type PayloadMove,
} from "#app/outbox/payload-retention.server.ts";
import type { EventRow } from "./intake-row.server.ts";

interface WithdrawnEvent extends PayloadMove {
  shop_id: bigint;
  kind: string;
  source_key: string;
  source: string;
  was: "held" | "pending";
  bucket: string;
}

/**
 * Withdraws the waiting events of cancelled orders. An event that is being sent at this moment
 * still becomes accepted if Pinterest accepts it: settling takes precedence. Returns the keys
 * (`identifySource`) of the withdrawn events.
 */
export async function withdrawEvents(
  client: PoolClient,
  rows: readonly EventRow[],
  changes: CountChange[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const identities = rows.map(({ shop, mapped }) => ({
    lane: shop.lane,
    shop_id: shop.id.toString(),
    kind: mapped.kind,
    source_key: mapped.sourceKey,
  }));
  const { rows: withdrawn } = await client.query<WithdrawnEvent>(
    `update event set state = 'skipped', reason = 'cancelled', settled_at = now(),
        payload_drop_on = ${endedDropOnSql("event.shop_id")}
      from (select e.id, e.state as was, e.payload_drop_on as was_drop_on from event e
        join json_to_recordset($1) as r(lane smallint, shop_id bigint, kind text, source_key text)
          using (lane, shop_id, kind, source_key)
        where e.state in ('held', 'pending') order by e.id for no key update of e) waiting
      where event.id = waiting.id
      returning event.id, waiting.was_drop_on, event.payload_drop_on, event.shop_id, event.kind,
        event.source_key, event.source, waiting.was, ${bucketSql("event.event_time")} as bucket`,
    [JSON.stringify(identities)],
  );
  await movePayloads(client, withdrawn);
  for (const { shop_id: shopId, kind, source, was, bucket } of withdrawn) {
    changes.push({ shopId, bucket, kind, source, state: was, reason: null, by: -1 });
    changes.push({ shopId, bucket, kind, source, state: "skipped", reason: "cancelled", by: 1 });
  }
  return new Set(withdrawn.map((event) => `${event.shop_id}\n${event.kind}\n${event.source_key}`));
}
