import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { payloadIdentity } from "#app/events/encryption-identity.ts";
import type { StoredState } from "#app/events/event-state.ts";
import { findReplayBar, type ReplayLeft } from "#app/events/replay-rule.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";
import { KeyringError } from "#app/platform/keys/wrapping-keys.server.ts";
import { bucketSql, type CountChange, countEvents, countedReason } from "./count-events.server.ts";
import { HAS_PAYLOAD_SQL, IS_LATE_SQL, mayReplaySql } from "./event-conditions.server.ts";
import { movePayloads, type PayloadMove, WAITING_DROP_ON_SQL } from "./payload-retention.server.ts";
import { scheduleAccounts } from "./schedule-accounts.server.ts";

/**
 * Selects events to send again: by event id, by event id and name (an id given by hand may stand
 * for an event of each name), or all of a state since a time (by arrival).
 */
export type ReplayChoice =
  | { shopId: bigint; eventIds: readonly string[] }
  | { shopId: bigint; events: readonly { eventId: string; eventName: string }[] }
  | { shopId: bigint; state: string; since: Date | null };

export interface ReplayResult {
  replayed: string[];
  /** Events that were left unchanged, each with the reason. */
  left: LeftEvent[];
}

interface LeftEvent {
  event_id: string;
  /** Null where the shop has no event of the id. */
  event_name: string | null;
  state: string;
  why: ReplayLeft;
}

interface Candidate {
  id: bigint;
  event_id: string;
  kind: string;
  state: StoredState;
  ad_account_id: string | null;
  is_late: boolean;
  has_payload: boolean;
}

/** The most events of one call; its result names every event. */
const REPLAY_LIMIT = 10_000;
/**
 * A page's rows and counters are locked, and any other transaction that settles or takes events
 * waits for the page.
 */
const PAGE = 1_000;

/**
 * Puts events back to pending under the same ids, in pages. An event that Pinterest has accepted is
 * never sent again, and one that may not be sent (`findReplayBar`) is listed with the reason.
 */
export async function replayEvents(
  { db, keyring }: { db: Pick<Database, "pool" | "transaction">; keyring: Keyring },
  choice: ReplayChoice,
  actor: string,
): Promise<ReplayResult> {
  const plan = await planReplay(db.pool, keyring, choice, actor);
  const requeued = new Set<bigint>();
  for (const page of plan.pages) {
    const done = await db.transaction((client) => requeue(client, page));
    for (const id of done) requeued.add(id);
  }
  return reportReplay(plan, requeued);
}

/** Does the same in the caller's transaction, whole. */
export async function replayEventsIn(
  { client, keyring }: { client: PoolClient; keyring: Keyring },
  choice: ReplayChoice,
  actor: string,
): Promise<ReplayResult> {
  const plan = await planReplay(client, keyring, choice, actor);
  const requeued = new Set<bigint>();
  for (const page of plan.pages) for (const id of await requeue(client, page)) requeued.add(id);
  return reportReplay(plan, requeued);
}

interface ReplayPage {
  shopId: bigint;
  actor: string;
  events: readonly Candidate[];
  /** The number of events that the call leaves unchanged, for its first page's audit entry. */
  left: number;
}

interface ReplayPlan {
  candidates: Candidate[];
  unknown: LeftEvent[];
  pages: ReplayPage[];
}

async function planReplay(
  client: Pick<PoolClient, "query">,
  keyring: Keyring,
  choice: ReplayChoice,
  actor: string,
): Promise<ReplayPlan> {
  const found = await findCandidates(client, choice);
  const locked = await findLocked(client, keyring, choice.shopId, found);
  const candidates = found.map((event) =>
    locked.has(event.id) ? { ...event, has_payload: false } : event,
  );
  const unknown = unknownEvents(choice, candidates);
  const chosen = candidates.filter((candidate) => findBar(candidate) === null);
  const left = candidates.length - chosen.length + unknown.length;
  const pages: ReplayPage[] = [];
  for (let from = 0; from < chosen.length; from += PAGE) {
    const events = chosen.slice(from, from + PAGE);
    pages.push({ shopId: choice.shopId, actor, events, left: from > 0 ? 0 : left });
  }
  return { candidates, unknown, pages };
}

function reportReplay(
  { candidates, unknown }: ReplayPlan,
  requeued: ReadonlySet<bigint>,
): ReplayResult {
  const left = candidates.flatMap((candidate): LeftEvent[] => {
    if (requeued.has(candidate.id)) return [];
    const { event_id, kind: event_name, state } = candidate;
    return [{ event_id, event_name, state, why: findBar(candidate) ?? "changed" }];
  });
  const replayed = candidates.filter(({ id }) => requeued.has(id));
  return { replayed: replayed.map(({ event_id: id }) => id), left: [...left, ...unknown] };
}

function findBar({ state, is_late: isLate, has_payload: hasPayload }: Candidate) {
  return findReplayBar({ state, isLate, hasPayload });
}

async function findCandidates(
  client: Pick<PoolClient, "query">,
  choice: ReplayChoice,
): Promise<Candidate[]> {
  const { condition, values } = toCondition(choice);
  const { rows } = await (client as PoolClient).query<Candidate>(
    `select e.id, e.event_id, e.kind, e.state, e.ad_account_id, ${IS_LATE_SQL} as is_late,
        ${HAS_PAYLOAD_SQL} as has_payload
      from event e
      where e.shop_id = $1 and ${condition}
      order by e.id limit ${REPLAY_LIMIT}`,
    [choice.shopId.toString(), ...values],
  );
  return rows;
}

interface SealedPayload {
  id: bigint;
  kind: string;
  source_key: string;
  body: Buffer;
}

/**
 * Finds the events whose payload no key decrypts any more: sent again, each would wait for the
 * worker and expire there. Only a page of payloads is in memory at once.
 */
async function findLocked(
  client: Pick<PoolClient, "query">,
  keyring: Keyring,
  shopId: bigint,
  candidates: readonly Candidate[],
): Promise<Set<bigint>> {
  const locked = new Set<bigint>();
  const replayable = candidates.filter((candidate) => findBar(candidate) === null);
  for (let from = 0; from < replayable.length; from += PAGE) {
    const ids = replayable.slice(from, from + PAGE).map(({ id }) => id.toString());
    const { rows } = await (client as PoolClient).query<SealedPayload>(
      `select e.id, e.kind, e.source_key, p.body
        from event e join event_payload p on p.drop_on = e.payload_drop_on and p.event_ref = e.id
        where e.id = any($1::bigint[])`,
      [ids],
    );
    const keys = await keyring.load(client, listOwners(rows.map(({ body }) => body)));
    for (const { id, kind, source_key: sourceKey, body } of rows) {
      if (!canDecrypt(keys, body, payloadIdentity(shopId, kind, sourceKey))) locked.add(id);
    }
  }
  return locked;
}

function canDecrypt(keys: Decrypter, sealed: Buffer, identity: string): boolean {
  try {
    keys.decrypt(sealed, identity);
    return true;
  } catch (error) {
    if (error instanceof KeyringError) return false;
    throw error;
  }
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

interface Requeued extends PayloadMove {
  event_id: string;
  kind: string;
  source: string;
  was: "rejected" | "expired";
  was_reason: string | null;
  bucket: string;
}

/**
 * Locks ad accounts before events, as everywhere in the outbox, and only the events that may still
 * be sent again: another transaction may hold one that is being sent. Returns their row ids.
 */
async function requeue(
  client: PoolClient,
  { shopId, actor, left, events }: ReplayPage,
): Promise<bigint[]> {
  const accounts = new Set(events.flatMap((event) => event.ad_account_id ?? []));
  await scheduleAccounts(client, new Map([...accounts].map((account) => [account, 0])));
  const { rows } = await client.query<Requeued>(
    `update event set state = 'pending', reason = null, warning = null, attempts = 0,
        next_at = now(), settled_at = null,
        payload_drop_on = greatest(event.payload_drop_on, ${WAITING_DROP_ON_SQL})
      from (select e.id, e.state as was, e.reason as was_reason, e.payload_drop_on as was_drop_on
        from event e
        where e.id = any($1::bigint[]) and ${mayReplaySql()}
        order by e.id for no key update of e) ended
      where event.id = ended.id
      returning event.id, event.event_id, event.kind, event.source, ended.was, ended.was_reason,
        ended.was_drop_on, event.payload_drop_on, ${bucketSql("event.event_time")} as bucket`,
    [events.map((event) => event.id.toString())],
  );
  await movePayloads(client, rows);
  const changes: CountChange[] = rows.flatMap(({ bucket, kind, source, was, was_reason: why }) => {
    const event = { shopId, bucket, kind, source };
    return [
      { ...event, state: was, reason: countedReason(was, why), by: -1 as const },
      { ...event, state: "pending" as const, reason: null, by: 1 as const },
    ];
  });
  await countEvents(client, changes);
  if (rows.length > 0) {
    const first = rows.slice(0, 20).map(({ event_id: id }) => id);
    const after = { replayed: rows.length, left, first };
    await writeAuditEntry(client, { shopId, actor, action: "events.replay", after });
  }
  return rows.map(({ id }) => id);
}

function unknownEvents(choice: ReplayChoice, found: Candidate[]): LeftEvent[] {
  const state = "unknown";
  const why = "unknown";
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
