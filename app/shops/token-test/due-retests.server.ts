import type { Database } from "#app/platform/db.server.ts";
import { TESTABLE_PAUSES } from "#app/shops/connection/pause-connection.server.ts";

/** Hourly for a day, then daily: what is not mended by then waits for the merchant. */
const HOURLY_RETESTS = 24;
/** Shops of one run: at less than ten test requests a second they take a minute. */
const PAGE = 200;

/**
 * Connections that the system paused and whose hour has come to be tried again, the longest waiting
 * first. Each is put off in the same statement, so that no fault in one makes a run of it.
 */
export async function takeDueRetests({
  db,
}: {
  db: Pick<Database, "pool">;
}): Promise<{ id: bigint; domain: string }[]> {
  const { rows } = await db.pool.query<{ id: bigint; domain: string }>(
    `update connection c set retests = least(c.retests + 1, 1000),
        retest_at = now() + case when c.retests < ${HOURLY_RETESTS}
          then interval '1 hour' else interval '1 day' end
      from (select k.shop_id, s.domain from connection k
        join shop s on s.id = k.shop_id and s.state = 'installed'
        where k.state = 'paused' and k.paused_by = 'system' and k.pause_reason = any($1)
          and coalesce(k.retest_at, k.paused_at, '-infinity') <= now()
        order by k.retest_at nulls first limit ${PAGE} for no key update of k skip locked) due
      where c.shop_id = due.shop_id returning c.shop_id as id, due.domain`,
    [TESTABLE_PAUSES],
  );
  return rows;
}
