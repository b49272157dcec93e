import { bucketSql, type CountChange, countEvents } from "#app/outbox/count-events.server.ts";
import { IS_LATE_SQL } from "#app/outbox/event-conditions.server.ts";
import {
  endedDropOnSql,
  movePayloads,
  type PayloadMove,
} from "#app/outbox/payload-retention.server.ts";
import type { Database } from "#app/platform/db.server.ts";

const PAGE = 1_000;

interface ExpiredEvent extends PayloadMove {
  shop_id: bigint;
  kind: string;
  source: string;
  was: "held" | "pending";
  bucket: string;
}

/**
 * Expires waiting events that Pinterest no longer accepts, also those of shops that are not
 * connected or paused, which no worker claims. Returns how many.
 */
export async function expireEvents({ db }: { db: Pick<Database, "transaction"> }): Promise<number> {
  let expired = 0;
  for (;;) {
    const page = await expirePage({ db });
    expired += page;
    if (page < PAGE) return expired;
  }
}

function expirePage({ db }: { db: Pick<Database, "transaction"> }): Promise<number> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<ExpiredEvent>(
      `update event set state = 'expired', reason = 'too_old', settled_at = now(),
          payload_drop_on = ${endedDropOnSql("event.shop_id")}
        from (select id, state as was, payload_drop_on as was_drop_on from event
          where state in ('held', 'pending')
            and ${IS_LATE_SQL}
          order by id limit ${PAGE} for no key update skip locked) late
        where event.id = late.id
        returning event.id, late.was_drop_on, event.payload_drop_on, event.shop_id, event.kind,
          event.source, late.was, ${bucketSql("event.event_time")} as bucket`,
    );
    const changes: CountChange[] = rows.flatMap(
      ({ shop_id: shopId, kind, source, was, bucket }) => [
        { shopId, bucket, kind, source, state: was, reason: null, by: -1 as const },
        {
          shopId,
          bucket,
          kind,
          source,
          state: "expired" as const,
          reason: "too_old",
          by: 1 as const,
        },
      ],
    );
    await movePayloads(client, rows);
    await countEvents(client, changes);
    return rows.length;
  });
}
