import type pg from "pg";

/** Partitioned tables, and how many days ahead each has its partitions. */
const DAYS_AHEAD = { receipt: 7, attempt: 7, event_payload: 40 };

/** SQLSTATEs that only mean "not now": the default partition takes the rows of that day. */
const ROWS_ARE_IN_THE_WAY = "23514";
const TABLE_IS_BUSY = "55P03";

/**
 * Makes the day partitions that are missing, from today in UTC. For the start and a daily job.
 *
 * A day whose rows have gone to the default partition already cannot get one any more; a busy
 * table is not waited for, because everybody who writes would queue up behind us. Both leave a
 * working database, so neither may stop the start.
 */
export async function ensurePartitions(pool: pg.Pool): Promise<void> {
  for (const [table, days] of Object.entries(DAYS_AHEAD)) {
    if (await ensureDays(pool, table, 0, days)) continue;
    for (let day = 0; day <= days; day++) await ensureDays(pool, table, day, day);
  }
}

async function ensureDays(
  pool: pg.Pool,
  table: string,
  first: number,
  last: number,
): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query("begin; set local lock_timeout = '2s'");
    await client.query(
      "select ensure_day_partitions($1, current_date + $2::integer, current_date + $3::integer)",
      [table, first, last],
    );
    await client.query("commit");
    return true;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    const { code } = error as { code?: string };
    if (code === ROWS_ARE_IN_THE_WAY || code === TABLE_IS_BUSY) return false;
    throw error;
  } finally {
    client.release();
  }
}
