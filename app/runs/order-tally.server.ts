import type { Database } from "#app/platform/db.server.ts";

/** What a comparison of a shop's orders with its events found, and did. */
export interface OrderTally {
  /** Orders that Shopify has. */
  orders: number;
  /** Those among them that had no event and should have one, and were looked at. */
  missing: number;
  /** Missing ones that are sent now; in a dry run, that would be. */
  sent: number;
  /** Missing ones that are not sent, by reason. */
  skipped: Record<string, number>;
  /** Missing ones that could not be stored, and are looked at again. */
  failed: number;
  /** Those that are not looked at yet. */
  waiting: number;
  /** Orders without an event that are no concern yet, or were deleted meanwhile. */
  left: { recent: number; unpaid: number; gone: number };
}

export async function readOrderTally(
  client: Pick<Database["pool"], "query">,
  runId: bigint,
  progress: { orders: number; left: { recent: number; unpaid: number } } | null,
): Promise<OrderTally> {
  // A repeated id counts once: `kind` is the item's.
  const { rows } = await client.query<{ waits: boolean; why: string | null; n: number }>(
    `select i.state = 'waiting' as waits, coalesce(i.why, case when e.state = 'skipped' then e.reason end) as why, count(*)::integer as n
      from run_item i left join lateral (select state, reason from event where i.state = 'queued'
        and shop_id = i.shop_id and event_id = i.event_id and kind = i.event_name order by id limit 1) e on true
      where i.run_id = $1 group by 1, 2`,
    [runId.toString()],
  );
  const { orders = 0, left = { recent: 0, unpaid: 0 } } = progress ?? {};
  const tally = { orders, missing: 0, sent: 0, failed: 0, waiting: 0, left: { ...left, gone: 0 } };
  const skipped: [string, number][] = [];
  for (const { waits, why, n } of rows) {
    if (waits) tally.waiting += n;
    else if (why === "order_gone") tally.left.gone += n;
    else {
      tally.missing += n;
      if (why === null) tally.sent += n;
      else if (why === "order_not_stored") tally.failed += n;
      else skipped.push([why, n]);
    }
  }
  return { ...tally, skipped: Object.fromEntries(skipped) };
}
