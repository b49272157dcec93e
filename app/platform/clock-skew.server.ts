import type { Pool } from "pg";

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
