import type { PoolClient } from "pg";
import { BROWSER_REFUSAL, BROWSER_SIGN_UP, GUEST_MINUTES } from "#app/events/mapped-event.ts";
import { bucketSql, type CountChange, countEvents } from "#app/outbox/count-events.server.ts";
import {
  endedDropOnSql,
  movePayloads,
  type PayloadMove,
} from "#app/outbox/payload-retention.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { IntakeRow } from "./intake-row.server.ts";

export type TracedRow = Pick<IntakeRow, "shop" | "trace">;

interface SkippedEvent extends PayloadMove {
  shop_id: bigint;
  kind: string;
  source: string;
  was: "held" | "pending";
  reason: "guest" | "duplicate" | "consent_refused";
  bucket: string;
}

/**
 * Longer than Shopify retries a webhook, so that a late sign-up finds its order, and a late order
 * its sign-up.
 */
const TRACE_HOURS = 6;

/** SQL: the values of `signup` that are no customer's id, and what they say of a sign-up beside them. */
export const NOT_SIGN_UPS = `('', '${BROWSER_SIGN_UP}', '${BROWSER_REFUSAL}')`;
/** The first by the alphabet counts, so a refusal before all else. */
const REASON = `case signup when '${BROWSER_REFUSAL}' then 'consent_refused'
  when '${BROWSER_SIGN_UP}' then 'duplicate' else 'guest' end`;

/**
 * SQL: those of the sign-ups `traces` that have an order or a checkout beside them among `buyers`, a
 * sign-up that the browser told, or a refusal, and the reason to skip them. Each looks for its own
 * rows by the primary key: with a join, the planner may begin with all buyers of the last hours, for
 * each group.
 */
const besideSql = (
  traces: string,
  buyers = "customer_trace",
) => `select t.shop_id, t.signup, min(beside.reason) as reason from ${traces} t cross join lateral (
        select min(${REASON}) as reason from ${buyers} buyer where buyer.shop_id = t.shop_id
          and buyer.customer_key = t.customer_key and buyer.signup in ${NOT_SIGN_UPS}
          and buyer.happened_at between t.happened_at - interval '${GUEST_MINUTES} minutes'
            and t.happened_at + interval '${GUEST_MINUTES} minutes'
        ) beside where beside.reason is not null group by t.shop_id, t.signup`;

/** SQL: `e` is the event of `guest`, a sign-up of the shop `s`, and waits. */
const IS_WAITING_SIGN_UP = `e.lane = s.lane and e.shop_id = guest.shop_id and e.kind = 'signup'
      and e.source_key = guest.signup and e.state in ('held', 'pending')`;

/** SQL: skips those sign-ups. */
const skipSql = (traces: string) => `update event set
    state = 'skipped', reason = guest.reason, settled_at = now(),
    consent = case when guest.reason = 'consent_refused' then 'refused:browser' else event.consent end,
    payload_drop_on = ${endedDropOnSql("event.shop_id")}
  from (select e.id, e.state as was, e.payload_drop_on as was_drop_on, guest.reason
    from (${besideSql(traces)}) guest join shop s on s.id = guest.shop_id
      join event e on ${IS_WAITING_SIGN_UP}
    order by e.id for no key update of e skip locked) guest
  where event.id = guest.id
  returning event.id, guest.was_drop_on, event.payload_drop_on, event.shop_id, event.kind,
    event.source, guest.was, event.reason,
    ${bucketSql("event.event_time")} as bucket`;

/** SQL: the traces of a JSON array. */
const GIVEN = `select shop_id, customer_key, signup, to_timestamp(happened_at) as happened_at
    from json_to_recordset($1) as r(shop_id bigint, customer_key text, signup text, happened_at bigint)`;

/** SQL: the stored sign-ups of the customers of `traces`, found by the primary key as well. */
const signUpsOfSql = (
  traces: string,
) => `select t.* from (select distinct shop_id, customer_key from ${traces}) r
  cross join lateral (select shop_id, customer_key, signup, happened_at from customer_trace t
    where t.shop_id = r.shop_id and t.customer_key = r.customer_key
      and t.signup not in ${NOT_SIGN_UPS} offset 0) t`;

/** SQL: stores `traces`; those that are stored already stay. */
const keepSql = (
  traces: string,
) => `insert into customer_trace (shop_id, customer_key, signup, happened_at)
    select * from ${traces} order by 1, 2, 3, 4 on conflict do nothing`;

/**
 * SQL: stores the given traces, and looks for guests among them and those that were there before.
 * Without the offset, the planner begins with all events that wait. No index leads to the given, and
 * each sign-up reads those beside it: the buyers alone, or many sign-ups would read each other.
 */
export const FIND_GUESTS = `with given as materialized (${GIVEN}), kept as (${keepSql("given")}),
    buying as materialized (select * from given where signup in ${NOT_SIGN_UPS})
  select exists (select from (${besideSql(
    `(${signUpsOfSql("given")} union all select * from given where signup not in ${NOT_SIGN_UPS})`,
    `(select shop_id, customer_key, signup, happened_at from customer_trace
        union all select * from buying)`,
  )}) guest join shop s on s.id = guest.shop_id
    where exists (select from event e where ${IS_WAITING_SIGN_UP} offset 0)) as has_guests`;

/** Stores who the webhooks are about. Returns whether there are guests among the waiting sign-ups. */
export async function findGuestsAmong(
  client: PoolClient,
  rows: readonly IntakeRow[],
): Promise<boolean> {
  const traces = formatTraces(rows);
  if (traces === null) return false;
  const { rows: found } = await client.query<{ has_guests: boolean }>({
    name: "find-guests-of",
    text: FIND_GUESTS,
    values: [traces],
  });
  return found[0]?.has_guests === true;
}

/**
 * Does the same, and skips them. It waits for no lock: rows that another transaction has in hand,
 * or has not committed yet, are left to `skipGuests`.
 */
export async function skipGuestsAmong(
  client: PoolClient,
  rows: readonly IntakeRow[],
  changes: CountChange[],
): Promise<void> {
  const traces = formatTraces(rows);
  if (traces === null) return;
  const [, { rows: skipped }] = await Promise.all([
    keepTraces(client, traces),
    client.query<SkippedEvent>({
      name: "skip-guests-of",
      text: skipSql(`(${signUpsOfSql(`(${GIVEN}) given`)})`),
      values: [traces],
    }),
  ]);
  await movePayloads(client, skipped);
  recordSkipped(skipped, changes);
}

/** Formats the traces as a JSON array; null where there are none. */
function formatTraces(rows: readonly TracedRow[]): string | null {
  const traces = rows.flatMap(({ shop, trace }) =>
    (trace?.keys ?? []).map((customer_key) => ({
      shop_id: shop.id.toString(),
      customer_key,
      signup: trace?.signup,
      happened_at: trace?.happenedAtSeconds,
    })),
  );
  return traces.length === 0 ? null : JSON.stringify(traces);
}

/** Stores who the browsers' rows are about; the sweep of each minute skips the sign-ups they repeat. */
export async function keepTracesOf(client: PoolClient, rows: readonly TracedRow[]): Promise<void> {
  const traces = formatTraces(rows);
  if (traces !== null) await keepTraces(client, traces);
}

async function keepTraces(client: PoolClient, traces: string): Promise<void> {
  await client.query({
    name: "insert-customer-traces",
    text: keepSql(`(${GIVEN}) given`),
    values: [traces],
  });
}

/** A sign-up waits for half an hour; the rest is for a webhook that was long on its way. */
const LOOKED_AT_MINUTES = 45;
/** Longer than a commit may take: whoever came later has seen the earlier. */
const COMMITTING_MINUTES = 5;

/**
 * SQL: the sign-ups that may have a buyer beside them whom nobody has seen yet, by when they came or
 * the buyer did, after $1 minutes more. All traces of six hours would be read each minute.
 */
export const RECENT_SIGN_UPS = `(select * from customer_trace where signup <> ''
    and signup not in ${NOT_SIGN_UPS}
    and received_at > now() - make_interval(mins => $1 + ${LOOKED_AT_MINUTES})
  union select t.* from (select distinct shop_id, customer_key from customer_trace
      where signup in ${NOT_SIGN_UPS}
        and received_at > now() - make_interval(mins => $1 + ${COMMITTING_MINUTES})) r
    cross join lateral (select * from customer_trace t where t.shop_id = r.shop_id
      and t.customer_key = r.customer_key and t.signup not in ${NOT_SIGN_UPS} offset 0) t)`;

/**
 * Does the same for all waiting sign-ups: if a customer and their order were committed at the same
 * time, neither transaction saw the other. Drops traces that are too old to be needed. `restedMinutes`:
 * since this was done last; all, where nobody knows. Returns how many sign-ups were guests.
 */
export async function skipGuests(
  { db }: { db: Pick<Database, "transaction"> },
  restedMinutes: number = TRACE_HOURS * 60,
): Promise<number> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<SkippedEvent>(skipSql(RECENT_SIGN_UPS), [restedMinutes]);
    const changes: CountChange[] = [];
    await movePayloads(client, rows);
    recordSkipped(rows, changes);
    await countEvents(client, changes);
    await client.query(
      `delete from customer_trace where received_at < now() - interval '${TRACE_HOURS} hours'`,
    );
    return rows.length;
  });
}

function recordSkipped(skipped: readonly SkippedEvent[], changes: CountChange[]): void {
  for (const { shop_id: shopId, kind, source, was, reason, bucket } of skipped) {
    changes.push({ shopId, bucket, kind, source, state: was, reason: null, by: -1 });
    changes.push({ shopId, bucket, kind, source, state: "skipped", reason, by: 1 });
  }
}
