import type { Database } from "#app/platform/db.server.ts";

/** The right to send for one ad account, for LEASE_MS from now or from the last renewal. */
export interface Lease {
  lane: number;
  adAccountId: string;
  /** Rises with each lease of the account: settlements under a stale lease are rejected. */
  fence: bigint;
  /** The number of requests allowed under it. */
  allowance: number;
  /** Requests in a row that failed as a whole, before this lease. */
  failures: number;
  /** The most events in one request: fewer after lost answers. */
  batchLimit: number;
  /** Events of this hour that Pinterest accepted and rejected, before this lease. */
  accepted: number;
  rejected: number;
  /** The previous worker did not release it. */
  isTakenOver: boolean;
}

/**
 * Milliseconds after which an account whose worker crashed is released: what it had in hand is then
 * sent again within 30 s of the crash. A request takes at most 10 s, and each one renews it.
 */
export const LEASE_MS = 25_000;

/** The most requests under one lease: bisecting a full batch takes 21. */
const MAX_ALLOWANCE = 32;

/**
 * A token bucket of 1,000 that refills with 4,000 a minute: it never exceeds the 5,000 calls a
 * minute that Pinterest allows an ad account (OpenAPI 5.23, events/create).
 */
export const BUCKET_SIZE = 1_000;
const REFILL_PER_SECOND = 4_000 / 60;

const REFILLED = `least(${BUCKET_SIZE}, d.tokens + ${REFILL_PER_SECOND} * extract(epoch from now() - d.tokens_at))::real`;

interface ClaimedRow {
  lane: number;
  ad_account_id: string;
  fence: bigint;
  allowance: number;
  failures: number;
  batch_limit: number;
  judged: number;
  refused: number;
  was_leased: boolean;
}

/** SQL: whether the counts of decided events belong to the present hour. */
export const IS_SAME_HOUR = "d.judged_since > now() - interval '1 hour'";

/**
 * Leases ad accounts that have due events, the longest waiting first, one lease per account. The
 * database's clock decides, so that a worker with a wrong clock cannot claim anything early.
 */
export async function claimAccounts(
  { db }: { db: Pick<Database, "pool"> },
  limit: number,
): Promise<Lease[]> {
  const { rows } = await db.pool.query<ClaimedRow>({
    name: "claim-accounts",
    text: `with due as (
        select d.lane, d.ad_account_id, ${REFILLED} as tokens, d.lease_until is not null as was_leased
        from due_account d
        where d.next_at <= now() and d.not_before <= now()
          and (d.lease_until is null or d.lease_until <= now()) and ${REFILLED} >= 1
        order by d.next_at limit $1 for no key update skip locked)
      update due_account d set
        lost_until = coalesce(d.lease_until, d.lost_until),
        lease_until = now() + interval '${LEASE_MS} ms', leased_at = now(), fence = d.fence + 1, fresh = 0,
        tokens = due.tokens - least(${MAX_ALLOWANCE}, floor(due.tokens)), tokens_at = now()
      from due where d.lane = due.lane and d.ad_account_id = due.ad_account_id
      returning d.lane, d.ad_account_id, d.fence, d.failures, d.batch_limit, due.was_leased,
        case when ${IS_SAME_HOUR} then d.judged else 0 end as judged,
        case when ${IS_SAME_HOUR} then d.refused else 0 end as refused,
        least(${MAX_ALLOWANCE}, floor(due.tokens))::integer as allowance`,
    values: [limit],
  });
  return rows.map((row) => ({
    lane: row.lane,
    adAccountId: row.ad_account_id,
    fence: row.fence,
    allowance: row.allowance,
    failures: row.failures,
    batchLimit: row.batch_limit,
    accepted: row.judged - row.refused,
    rejected: row.refused,
    isTakenOver: row.was_leased,
  }));
}
