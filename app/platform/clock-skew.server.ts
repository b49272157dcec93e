import type { Pool } from "pg";

export interface ClockSkew {
  /** This machine's clock less the database's. */
  ms: number;
  /** Leases go by the database's clock, the times of events by this machine's. */
  isTolerable: boolean;
}

const TOLERANCE_MS = 5_000;

/** How far this machine's clock and the database's are apart; half the way there and back is unknown. */
export async function measureClockSkew(pool: Pick<Pool, "query">): Promise<ClockSkew> {
  const before = Date.now();
  const { rows } = await pool.query<{ now: Date }>("select clock_timestamp() as now");
  const after = Date.now();
  const ms = Math.round((before + after) / 2 - (rows[0]?.now.getTime() ?? 0));
  return { ms, isTolerable: Math.abs(ms) - (after - before) / 2 <= TOLERANCE_MS };
}
