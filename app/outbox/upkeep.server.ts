import type { Registry } from "prom-client";
import { joinLateForms } from "#app/outbox/append/join-late-forms.server.ts";
import type { ReleaseServices } from "#app/outbox/append/release-held.server.ts";
import { skipGuests } from "#app/outbox/append/skip-guests.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { registerCounter } from "#app/platform/metrics.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { ensurePartitions } from "#app/platform/tables/partitions.server.ts";
import { assignAccountToOrphanedEvents } from "./assign-account.server.ts";
import { bucketSql, type CountChange, countEvents } from "./count-events.server.ts";
import { dropOldRows } from "./drop-old-rows.server.ts";
import { IS_LATE_SQL } from "./event-conditions.server.ts";
import {
  endedDropOnSql,
  movePayloads,
  type PayloadMove,
  shortenChangedShops,
} from "./payload-retention.server.ts";

const PARTITIONS_WITHIN_MS = 30 * 60_000;

/** Schedules the outbox's own housekeeping; the queue ensures that one process runs each job. */
export async function scheduleUpkeep({
  db: { upkeep: db },
  keyring,
  joinLateForm: join,
  log,
  queue,
  registry,
}: {
  db: Pick<Database, "upkeep">;
  keyring: Keyring;
  joinLateForm: ReleaseServices["join"];
  log: Logger;
  queue: Pick<Queue, "schedule">;
  registry: Registry;
}): Promise<void> {
  const late = registerCounter(registry, {
    name: "events_expired_total",
    help: "Events that waited until Pinterest no longer accepts them",
  });
  const deleted = registerCounter(registry, {
    name: "retention_deleted_rows_total",
    help: "Rows that the nightly job deleted because their time was over; of dropped days, estimated",
    labelNames: ["table"],
  });
  await queue.schedule("expire-events", "* * * * *", async () => {
    const expired = await expireEvents({ db });
    late.inc(expired);
    if (expired > 0) log.warn({ expired }, "events expired before they could be sent");
  });
  // By this process: another may have looked since, which is only looked at once more.
  let lookedAt: number | null = null;
  await queue.schedule("skip-guests", "* * * * *", async () => {
    const begunAt = performance.now();
    const rested = lookedAt === null ? undefined : Math.ceil((begunAt - lookedAt) / 60_000);
    await skipGuests({ db }, rested);
    lookedAt = begunAt;
    await joinLateForms({ db, keyring, log, join });
  });
  await queue.schedule("adopt-stray-events", "* * * * *", async () => {
    const shops = await assignAccountToOrphanedEvents({ db });
    if (shops > 0) log.info({ shops }, "orphaned waiting events are scheduled again");
  });
  await queue.schedule("ensure-partitions", "0 */6 * * *", async () => {
    const left = await ensurePartitions(db.pool, PARTITIONS_WITHIN_MS);
    if (left.length > 0) log.error({ left }, "day partitions could not be made: tables in use");
  });
  await queue.schedule("shorten-payloads", "10 3 * * *", async () => {
    const deleted = await shortenChangedShops({ db });
    if (deleted > 0) log.info({ deleted }, "payloads past their shop's retention were deleted");
  });
  await queue.schedule("drop-old-rows", "30 3 * * *", () =>
    dropOldRows({ db }, (table, rows) => deleted.inc({ table }, rows)),
  );
}

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
