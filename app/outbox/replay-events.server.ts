import type { PoolClient } from "pg";
import type { StoredState } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import { bucketSql, type CountChange, countEvents } from "./count-events.server.ts";
import { IS_LATE_SQL } from "./late-event.server.ts";
import { wakeAccounts } from "./wake-accounts.server.ts";

/**
 * Which events to send again: by event id, by event id and name (an id given by hand may stand for
 * an event of each name), or all of a state since a time (by arrival).
 */
export type ReplayChoice =
  | { shopId: bigint; eventIds: readonly string[] }
  | { shopId: bigint; events: readonly { eventId: string; eventName: string }[] }
  | { shopId: bigint; state: string; since: Date | null };

export interface ReplayResult {
  replayed: string[];
  /** What was left alone, and why, in words for a merchant. */
  left: LeftEvent[];
}

interface LeftEvent {
  event_id: string;
  /** Null where the shop has no event of the id. */
  event_name: string | null;
  state: string;
  why: string;
}

interface Candidate {
  id: bigint;
  event_id: string;
  kind: string;
  source: string;
  state: StoredState;
  reason: string | null;
  ad_account_id: string | null;
  is_late: boolean;
  has_payload: boolean;
  bucket: string;
}

/** Most events of one call; a call says what it did, event by event. */
const REPLAY_LIMIT = 10_000;

/**
 * Puts events back to pending under the same ids. What Pinterest has accepted is never sent again,
 * and what cannot be sent (no payload, too old) is named with the reason.
 */
export async function replayEvents(
  { db }: { db: Pick<Database, "transaction"> },
  choice: ReplayChoice,
  actor: string,
): Promise<ReplayResult> {
  return db.transaction(async (client) => {
    const candidates = await lockCandidates(client, choice);
    const left: ReplayResult["left"] = candidates.flatMap((candidate) => {
      const why = whyLeft(candidate);
      const { event_id, kind: event_name, state } = candidate;
      return why === null ? [] : [{ event_id, event_name, state, why }];
    });
    const chosen = candidates.filter((candidate) => whyLeft(candidate) === null);
    await requeue(client, choice.shopId, chosen);
    left.push(...unknownEvents(choice, candidates));
    const replayed = chosen.map((candidate) => candidate.event_id);
    await writeAuditEntry(client, choice.shopId, actor, replayed, left.length);
    return { replayed, left };
  });
}

async function lockCandidates(client: PoolClient, choice: ReplayChoice): Promise<Candidate[]> {
  const { condition, values } = toCondition(choice);
  const { rows } = await client.query<Candidate>(
    `select e.id, e.event_id, e.kind, e.source, e.state, e.reason, e.ad_account_id,
        ${IS_LATE_SQL} as is_late,
        exists (select from event_payload p
          where p.drop_on = e.payload_drop_on and p.event_ref = e.id) as has_payload,
        ${bucketSql("e.event_time")} as bucket
      from event e
      where e.shop_id = $1 and ${condition}
      order by e.id limit ${REPLAY_LIMIT} for update of e`,
    [choice.shopId.toString(), ...values],
  );
  return rows;
}

function toCondition(choice: ReplayChoice): { condition: string; values: unknown[] } {
  if ("eventIds" in choice) {
    return { condition: "e.event_id = any($2::text[])", values: [[...choice.eventIds]] };
  }
  if ("events" in choice) {
    const ids = choice.events.map(({ eventId }) => eventId);
    const names = choice.events.map(({ eventName }) => eventName);
    const condition = `(e.event_id, e.kind) in (select * from unnest($2::text[], $3::text[]))`;
    return { condition, values: [ids, names] };
  }
  return {
    condition: "e.state = $2 and ($3::timestamptz is null or e.created_at >= $3)",
    values: [choice.state, choice.since],
  };
}

function whyLeft(candidate: Candidate): string | null {
  switch (candidate.state) {
    case "accepted":
      return "Pinterest has accepted it: sending it again could count it twice.";
    case "held":
    case "pending":
      return "It is waiting to be sent already.";
    case "skipped":
      return `It was not made into an event (${candidate.reason}): there is nothing to send.`;
    case "rejected":
    case "expired":
      if (candidate.is_late)
        return "It is older than 6 days 20 hours: Pinterest no longer takes it.";
      if (!candidate.has_payload) return "Its content is past the time for which it is kept.";
      return null;
  }
}

async function requeue(client: PoolClient, shopId: bigint, chosen: Candidate[]): Promise<void> {
  if (chosen.length === 0) return;
  const accounts = new Set(chosen.flatMap((event) => event.ad_account_id ?? []));
  await wakeAccounts(client, new Map([...accounts].map((account) => [account, 0])));
  await client.query(
    `update event set state = 'pending', reason = null, warning = null, attempts = 0,
        next_at = now(), settled_at = null
      where id = any($1::bigint[])`,
    [chosen.map((event) => event.id.toString())],
  );
  const changes: CountChange[] = chosen.flatMap(({ bucket, kind, source, state }) => [
    { shopId, bucket, kind, source, state, reason: null, by: -1 as const },
    { shopId, bucket, kind, source, state: "pending" as const, reason: null, by: 1 as const },
  ]);
  await countEvents(client, changes);
}

function unknownEvents(choice: ReplayChoice, found: Candidate[]): LeftEvent[] {
  const state = "unknown";
  const why = "This shop has no such event. `pinrelay events list` shows what there is.";
  if ("eventIds" in choice) {
    const known = new Set(found.map((candidate) => candidate.event_id));
    return choice.eventIds
      .filter((eventId) => !known.has(eventId))
      .map((eventId) => ({ event_id: eventId, event_name: null, state, why }));
  }
  if (!("events" in choice)) return [];
  const known = new Set(found.map((candidate) => `${candidate.kind}\n${candidate.event_id}`));
  return choice.events
    .filter(({ eventId, eventName }) => !known.has(`${eventName}\n${eventId}`))
    .map(({ eventId, eventName }) => ({ event_id: eventId, event_name: eventName, state, why }));
}

async function writeAuditEntry(
  client: PoolClient,
  shopId: bigint,
  actor: string,
  replayed: string[],
  left: number,
): Promise<void> {
  if (replayed.length === 0) return;
  await client.query(
    "insert into audit_entry (shop_id, actor, action, after) values ($1, $2, 'events.replay', $3)",
    [
      shopId.toString(),
      actor,
      JSON.stringify({ replayed: replayed.length, left, first: replayed.slice(0, 20) }),
    ],
  );
}
