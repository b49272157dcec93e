import type { PoolClient } from "pg";
import type { Lease } from "./claim-accounts.server.ts";
import type { Attempt } from "./settlement.server.ts";

/**
 * The most attempts that an event lists, the latest first to stay: otherwise a bad week would make
 * rows of any length.
 */
const KEPT_ATTEMPTS = 20;

/** SQL: an event's list of attempts with one more at its end. */
export function withAttempt(column: string, id: string): string {
  return `(${column} || ${id})[greatest(1, cardinality(${column}) + 2 - ${KEPT_ATTEMPTS}):]`;
}

/** Writes the attempt and returns its id. */
export async function insertAttempt(
  client: PoolClient,
  lease: Lease,
  attempt: Attempt,
): Promise<string> {
  const { rows } = await client.query<{ id: bigint }>({
    name: "insert-attempt",
    text: `insert into attempt (shop_id, ad_account_id, started_at, duration_ms, outcome, http_status,
        pinterest_code, message, events, answers)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`,
    values: [
      attempt.shopId.toString(),
      lease.adAccountId,
      attempt.startedAt,
      attempt.durationMs,
      attempt.outcome,
      attempt.httpStatus,
      attempt.pinterestCode,
      attempt.message,
      attempt.refs.length,
      attempt.answers === null ? null : JSON.stringify(attempt.answers),
    ],
  });
  return String(rows[0]?.id);
}

/**
 * Whether Pinterest may have accepted events of the attempt without our knowledge of which. A 4xx
 * rejects the whole request, except 408: that request may have been on its way.
 */
export function isAnswerLost({ outcome, httpStatus }: Pick<Attempt, "outcome" | "httpStatus">) {
  if (outcome === "outcomes") return false;
  return httpStatus === null || httpStatus < 400 || httpStatus >= 500 || httpStatus === 408;
}

/** Adds the attempt to events that it did not settle: a batch rejected as a whole, a paused account. */
export async function addAttempt(
  client: PoolClient,
  refs: readonly bigint[],
  attemptId: string,
  answerLost: boolean,
): Promise<void> {
  if (refs.length === 0) return;
  await client.query({
    name: "note-attempt",
    text: `update event set attempt_ids = ${withAttempt("attempt_ids", "$2::bigint")},
        answer_lost = answer_lost or $3
      where id in (select id from event where id = any($1::bigint[]) order by id for no key update)`,
    values: [refs.map(String), attemptId, answerLost],
  });
}
