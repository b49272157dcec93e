import type pg from "pg";
import { resultWithin } from "./result-within.server.ts";

/**
 * Whether the database takes a commit to disk within `timeoutMs`. A transactional message in the
 * write-ahead log is a real write that leaves no row behind; a successful read proves nothing on a
 * standby, a read-only database or a stalled disk. The update, which matches no row, fails with an
 * error on such a database, so that the connection to it is not kept.
 */
export async function writePathAnswers(pool: pg.Pool, timeoutMs: number): Promise<boolean> {
  const probe = {
    text: `with refused as (update _prisma_migrations set logs = logs where false)
      select pg_logical_emit_message(true, 'pinrelay', 'readiness')`,
    // A connection that does not answer is discarded, not handed to the next caller.
    query_timeout: timeoutMs,
  };
  const rows = await resultWithin(timeoutMs, async () => (await pool.query(probe)).rowCount);
  return rows === 1;
}
