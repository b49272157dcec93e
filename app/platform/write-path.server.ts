import type pg from "pg";
import { answersWithin } from "./answers-within.server.ts";

/**
 * True when the database takes a commit to disk within `timeoutMs`. A transactional message in the
 * write-ahead log is a real write that leaves no row behind; a read that answers proves nothing on
 * a standby, a read-only database or a stalled disk.
 */
export async function writePathAnswers(pool: pg.Pool, timeoutMs: number): Promise<boolean> {
  const probe = {
    text: `select pg_logical_emit_message(true, 'pinrelay', 'readiness')
      where current_setting('transaction_read_only') = 'off'`,
    // A connection that gives no answer is thrown away, not handed to the next caller.
    query_timeout: timeoutMs,
  };
  return answersWithin(timeoutMs, async () => (await pool.query(probe)).rowCount === 1);
}
