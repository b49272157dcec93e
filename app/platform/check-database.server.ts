import type { Pool } from "pg";
import { resultWithin } from "./result-within.server.ts";

/**
 * Whether the database takes a commit to disk within `timeoutMs`. A transactional message in the
 * write-ahead log is a real write that leaves no row behind; a successful read proves nothing on a
 * standby, a read-only database or a stalled disk. The update, which matches no row, fails with an
 * error on such a database, so that the connection to it is not kept.
 */
export async function writePathAnswers(pool: Pool, timeoutMs: number): Promise<boolean> {
  const probe = {
    text: `with refused as (update _prisma_migrations set logs = logs where false)
      select pg_logical_emit_message(true, 'pinrelay', 'readiness')`,
    // A connection that does not answer is discarded, not handed to the next caller.
    query_timeout: timeoutMs,
  };
  const rows = await resultWithin(timeoutMs, async () => (await pool.query(probe)).rowCount);
  return rows === 1;
}

export interface ClockSkew {
  /** The offset of this machine's clock from the database's. */
  ms: number;
  /** Leases use the database's clock, the times of events this machine's. */
  isTolerable: boolean;
}

const TOLERANCE_MS = 5_000;

/**
 * Measures how far this machine's clock and the database's are apart; half of the round trip is
 * uncertain.
 */
export async function measureClockSkew(pool: Pick<Pool, "query">): Promise<ClockSkew> {
  const before = Date.now();
  const { rows } = await pool.query<{ now: Date }>("select clock_timestamp() as now");
  const after = Date.now();
  const ms = Math.round((before + after) / 2 - (rows[0]?.now.getTime() ?? 0));
  return { ms, isTolerable: Math.abs(ms) - (after - before) / 2 <= TOLERANCE_MS };
}
