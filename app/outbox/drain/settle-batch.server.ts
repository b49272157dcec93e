import type { PoolClient } from "pg";
import type { StoredState } from "#app/events/event-state.ts";
import {
  bucketSql,
  type CountChange,
  countEvents,
  countedReason,
} from "#app/outbox/count-events.server.ts";
import {
  endedDropOnSql,
  movePayloads,
  type PayloadMove,
} from "#app/outbox/payload-retention.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { reach } from "#app/platform/fault-point.server.ts";
import type { Lease } from "./claim-accounts.server.ts";
import { addAttempt, insertAttempt, isAnswerLost, withAttempt } from "./record-attempt.server.ts";
import { releaseAccount } from "./release-account.server.ts";
import { renewLease } from "./renew-lease.server.ts";
import { planByIndex } from "./sending-shops.server.ts";
import type { Settled, SettledBatch, Settlement } from "./settlement.server.ts";

/**
 * Records an attempt and the outcomes of its events, in one transaction, under the lease's fence.
 * `stale`: the lease is no longer ours; nothing is changed, and the caller must stop sending for
 * the account. An accepted event stays accepted whatever comes later, and "accepted" is recorded
 * even for an event withdrawn meanwhile: Pinterest has it.
 */
export async function settleBatch(
  { db }: { db: Pick<Database, "transaction"> },
  lease: Lease,
  { attempt, settlements, release, next }: SettledBatch,
): Promise<Settled> {
  return db.transaction(async (client) => {
    const { rowCount } = await client.query({
      name: "check-fence",
      text: `select from due_account
        where lane = $1 and ad_account_id = $2 and fence = $3 and lease_until is not null for no key update`,
      values: [lease.lane, lease.adAccountId, lease.fence.toString()],
    });
    if (rowCount === 0) return { kind: "stale" };
    const attemptId = attempt === null ? null : await insertAttempt(client, lease, attempt);
    const changes: CountChange[] = [];
    const answerLost = attempt !== null && isAnswerLost(attempt);
    await updateEvents(client, settlements, { attemptId, answerLost }, changes);
    if (attempt !== null) reach("batch half settled");
    if (attempt !== null && attemptId !== null) {
      const settled = new Set(settlements.map(({ ref }) => ref));
      const open = attempt.refs.filter((ref) => !settled.has(ref));
      await addAttempt(client, open, attemptId, answerLost);
    }
    let mayGoOn = true;
    if (release === null) mayGoOn = await renewLease(client, lease, next);
    else await Promise.all([planByIndex(client), releaseAccount(client, lease, release)]);
    await countEvents(client, changes);
    return { kind: "settled", mayGoOn };
  });
}

interface ChangedEvent extends PayloadMove {
  shop_id: bigint;
  kind: string;
  source: string;
  was: StoredState;
  was_reason: string | null;
  state: StoredState;
  reason: string | null;
  bucket: string;
}

async function updateEvents(
  client: PoolClient,
  settlements: readonly Settlement[],
  { attemptId, answerLost }: { attemptId: string | null; answerLost: boolean },
  changes: CountChange[],
): Promise<void> {
  if (settlements.length === 0) return;
  const { rows } = await client.query<ChangedEvent>({
    name: "settle-events",
    text: `update event set
        state = s.state, reason = s.reason, warning = s.warning,
        attempts = event.attempts + case when $2::bigint is null then 0 else 1 end,
        attempt_ids = case when $2::bigint is null then event.attempt_ids else ${withAttempt("event.attempt_ids", "$2::bigint")} end,
        next_at = case when s.state = 'pending' then now() + s.retry_in_ms * interval '1 ms' else event.next_at end,
        answer_lost = event.answer_lost or $3,
        consent = case when s.state = 'skipped' then 'refused:browser' else event.consent end,
        settled_at = case when s.state = 'pending' then null else now() end,
        payload_drop_on = case when s.state = 'pending' or s.reason = 'content_gone' then event.payload_drop_on
          else ${endedDropOnSql("event.shop_id")} end
      from (select e.id, e.state as was, e.reason as was_reason, e.payload_drop_on as was_drop_on, r.state, r.reason, r.warning, r.retry_in_ms
        from event e join json_to_recordset($1)
          as r(ref bigint, state text, reason text, warning text, retry_in_ms bigint) on r.ref = e.id
        where e.state in ('held', 'pending') or (r.state = 'accepted' and e.state <> 'accepted')
        order by e.id for no key update of e) s
      where event.id = s.id
      returning event.id, s.was_drop_on, event.payload_drop_on, event.shop_id, event.kind, event.source, s.was, s.was_reason, s.state, s.reason, ${bucketSql("event.event_time")} as bucket`,
    values: [
      JSON.stringify(
        settlements.map((settlement) => ({
          ref: settlement.ref.toString(),
          state: settlement.state,
          reason: settlement.reason,
          warning: settlement.warning,
          retry_in_ms: settlement.retryInMs,
        })),
      ),
      attemptId,
      answerLost,
    ],
  });
  await movePayloads(client, rows);
  for (const { shop_id: shopId, kind, source, bucket, ...row } of rows) {
    const event = { shopId, kind, source, bucket };
    changes.push({
      ...event,
      state: row.was,
      reason: countedReason(row.was, row.was_reason),
      by: -1,
    });
    changes.push({
      ...event,
      state: row.state,
      reason: countedReason(row.state, row.reason),
      by: 1,
    });
  }
}
