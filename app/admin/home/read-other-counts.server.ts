import type { Prisma } from "#prisma/client/client.ts";

/** Events that are no orders of the store. */
export interface OtherCounts {
  /** Purchases that were sent by hand, by the API or by Flow. */
  byHand: number;
  kinds: { kind: string; accepted: number; notSent: number; open: number; problem: number }[];
}

interface Row {
  kind: string;
  by_hand: bigint;
  accepted: bigint;
  skipped: bigint;
  open: bigint;
  problem: bigint;
}

/** Within a `readAsShop`; the kind with the most events first. */
export async function readOtherCounts(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  { start, end }: { start: Date; end: Date },
): Promise<OtherCounts> {
  const rows = await tx.$queryRaw<Row[]>`
    select kind, sum(n) filter (where kind = 'checkout')::bigint as by_hand,
      coalesce(sum(n) filter (where state = 'accepted'), 0)::bigint as accepted,
      coalesce(sum(n) filter (where state = 'skipped'), 0)::bigint as skipped,
      coalesce(sum(n) filter (where state in ('held', 'pending')), 0)::bigint as open,
      coalesce(sum(n) filter (where state in ('rejected', 'expired')), 0)::bigint as problem
    from count_bucket
    where shop_id = ${shopId} and bucket >= ${start} and bucket < ${end} and n > 0
      and (kind <> 'checkout' or source = 'task')
    group by kind order by sum(n) desc, kind`;
  return {
    byHand: Number(rows.find(({ kind }) => kind === "checkout")?.by_hand ?? 0),
    kinds: rows
      .filter(({ kind }) => kind !== "checkout")
      .map(({ kind, accepted, skipped, open, problem }) => ({
        kind,
        accepted: Number(accepted),
        notSent: Number(skipped),
        open: Number(open),
        problem: Number(problem),
      })),
  };
}
