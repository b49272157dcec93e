import type { Database } from "#app/platform/db.server.ts";
import { eventually } from "#test/support/poll.ts";

/** A killed worker's lease runs for 30 s, and a batch that failed waits for minutes at worst. */
const DRAINED_DEADLINE_MS = 240_000;

/** Resolves when no event waits any more: of the shops, or of all. */
export async function untilDrained(
  db: Pick<Database, "pool">,
  shops?: readonly { id: bigint }[],
): Promise<void> {
  const ids = shops?.map(({ id }) => id.toString()) ?? null;
  const isDrained = async () => {
    const { rows } = await db.pool.query(
      `select state, count(*)::integer as n from event
        where state in ('held', 'pending') and ($1::bigint[] is null or shop_id = any($1)) group by 1`,
      [ids],
    );
    if (rows.length > 0) throw new Error(`still waiting: ${JSON.stringify(rows)}`);
    return true;
  };
  await eventually(isDrained, { deadlineMs: DRAINED_DEADLINE_MS });
}
