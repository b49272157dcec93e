import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";

/** Orders from shortly before the last comparison's end, whose webhooks it left time to come. */
const OVERLAP_MS = 3_600_000;

interface LastSweep {
  installedAt: Date;
  sweptThrough: Date | null;
}

/** From when on a shop's orders are to be compared. */
export function findSweepStart({ installedAt, sweptThrough }: LastSweep, nowMs: number): Date {
  const from = Math.max(installedAt.getTime(), nowMs - SENDABLE_SECONDS * 1_000);
  return new Date(Math.max(from, (sweptThrough?.getTime() ?? 0) - OVERLAP_MS));
}

/** The same of a shop that a person asks for. Null: it is not installed. */
export async function readSweepStart(
  { db }: { db: Pick<Database, "queryAsShop"> },
  shopId: bigint,
  nowMs: number,
): Promise<Date | null> {
  const [last] = await db.queryAsShop<LastSweep>(shopId, {
    text: `select s.installed_at as "installedAt", w.swept_through as "sweptThrough"
      from shop s left join order_sweep w on w.shop_id = s.id
      where s.state = 'installed' and s.id = $1`,
    values: [shopId.toString()],
  });
  return last === undefined ? null : findSweepStart(last, nowMs);
}
