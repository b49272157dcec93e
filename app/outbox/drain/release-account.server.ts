import type { PoolClient } from "pg";
import { BATCH_SIZE, BATCH_WINDOW_MS } from "#app/outbox/schedule-accounts.server.ts";
import { BUCKET_SIZE, IS_SAME_HOUR, type Lease } from "./claim-accounts.server.ts";
import { sendersSql } from "./sending-shops.server.ts";
import type { Release } from "./settlement.server.ts";

/**
 * Ends a lease and sets when the account is due again: with its next event, a batch window later so
 * that events that come close together share a request, or at once when a batch is full.
 */
export async function releaseAccount(
  client: PoolClient,
  lease: Lease,
  release: Release,
): Promise<void> {
  const { mayHaveMore, unusedAllowance, pauseMs, failures } = release;
  const { batchLimit = null, accepted = 0, rejected = 0 } = release;
  await client.query({
    name: "release-account",
    text: RELEASE_ACCOUNT,
    values: [
      lease.lane,
      lease.adAccountId,
      unusedAllowance,
      failures,
      pauseMs,
      mayHaveMore ? 0 : BATCH_WINDOW_MS,
      batchLimit,
      accepted + rejected,
      rejected,
    ],
  });
}

/** Runs under `planByIndex`. */
export const RELEASE_ACCOUNT = `${sendersSql("$2")}
  update due_account d set
    lease_until = null,
    tokens = least(${BUCKET_SIZE}, d.tokens + $3),
    failures = coalesce($4, d.failures),
    batch_limit = coalesce($7, d.batch_limit),
    judged_since = case when ${IS_SAME_HOUR} then d.judged_since else now() end,
    judged = case when ${IS_SAME_HOUR} then d.judged else 0 end + $8,
    refused = case when ${IS_SAME_HOUR} then d.refused else 0 end + $9,
    not_before = case when $5::bigint is null then d.not_before
      else greatest(d.not_before, now() + $5::bigint * interval '1 ms') end,
    next_at = case when first.next_at is null then 'infinity'
      when d.fresh >= ${BATCH_SIZE} then now()
      else greatest(now(), first.next_at + $6::integer * interval '1 ms') end
  from (select min(first_at) as next_at from sender) first
  where d.lane = $1 and d.ad_account_id = $2`;
