import type { Registry } from "prom-client";
import { joinLateForms } from "#app/outbox/append/join-late-forms.server.ts";
import type { ReleaseServices } from "#app/outbox/append/release-held.server.ts";
import { skipGuests } from "#app/outbox/append/skip-guests.server.ts";
import { assignAccountToOrphanedEvents } from "#app/outbox/assign-account.server.ts";
import { shortenChangedShops } from "#app/outbox/shorten-payloads.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { counterOf } from "#app/platform/metrics.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { ensurePartitions } from "#app/platform/tables/partitions.server.ts";
import { dropOldRows } from "./drop-old-rows.server.ts";
import { expireEvents } from "./expire-events.server.ts";

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
  const late = counterOf(registry, {
    name: "events_expired_total",
    help: "Events that waited until Pinterest no longer accepts them",
  });
  const deleted = counterOf(registry, {
    name: "retention_deleted_rows_total",
    help: "Rows that the nightly job deleted because their time was over; of dropped days, estimated",
    labelNames: ["table"],
  });
  await queue.schedule("expire-events", "* * * * *", async () => {
    const expired = await expireEvents({ db });
    late.inc(expired);
    if (expired > 0) log.warn({ expired }, "events expired before they could be sent");
  });
  await queue.schedule("skip-guests", "* * * * *", async () => {
    await skipGuests({ db });
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
