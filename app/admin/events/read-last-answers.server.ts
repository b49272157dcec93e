import type { Prisma } from "#prisma/client/client.ts";
import type { EventRow } from "./read-event-rows.server.ts";

/** Pinterest's word for an event that it has taken. */
const PROCESSED = "processed";

/**
 * What Pinterest said last of each event, by row id, within a `readAsShop`: its note, its words of
 * refusal, or, of one that has no outcome, how its last request ended.
 */
export async function readLastAnswers(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  rows: readonly EventRow[],
): Promise<Map<bigint, string>> {
  const answers = new Map<bigint, string>();
  const open: bigint[] = [];
  for (const { id, state, warning, reason, attempts } of rows) {
    if (state === "accepted") answers.set(id, warning ?? PROCESSED);
    else if (state === "rejected" && reason !== null) answers.set(id, reason);
    else if (attempts > 0) open.push(id);
  }
  if (open.length === 0) return answers;
  const found = await tx.$queryRaw<{ id: bigint; answer: string }[]>`
    select e.id, coalesce(a.answers->(e.id::text)->>'message', a.message, a.outcome) as answer
    from event e join lateral (
      select answers, message, outcome from attempt
      where id = e.attempt_ids[cardinality(e.attempt_ids)] and shop_id = ${shopId}
        and made_on >= (e.created_at at time zone 'UTC')::date) a on true
    where e.shop_id = ${shopId} and e.id = any(${open}::bigint[])`;
  for (const { id, answer } of found) answers.set(id, answer);
  return answers;
}
