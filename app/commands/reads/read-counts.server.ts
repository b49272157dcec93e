import type { EventCounts, StoredState } from "#app/events/event-state.ts";
import type { Prisma } from "#prisma/client/client.ts";

/** A shop's events by state, from the counters, within a `readAsShop`. */
export async function readCounts(
  tx: Prisma.TransactionClient,
  shopId: bigint,
): Promise<EventCounts> {
  const rows = await tx.$queryRaw<{ state: StoredState; n: bigint }[]>`
    select state, sum(n)::bigint as n from count_bucket where shop_id = ${shopId} group by state`;
  const byState = new Map(rows.map(({ state, n }) => [state, Number(n)]));
  const count = (state: StoredState) => byState.get(state) ?? 0;
  const terms = {
    accepted: count("accepted"),
    rejected: count("rejected"),
    skipped: count("skipped"),
    expired: count("expired"),
    pending: count("held") + count("pending"),
  };
  const received = Object.values(terms).reduce((sum, term) => sum + term, 0);
  return { received, ...terms };
}
