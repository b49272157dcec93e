import type { PoolClient } from "pg";
import { renameInEntries } from "#app/audit/write-audit-entry.server.ts";
import { deriveEventId } from "#app/events/event-id.ts";
import type { StoredState } from "#app/events/event-state.ts";
import { bucketSql, type CountChange, countEvents } from "#app/outbox/count-events.server.ts";
import {
  EVENTS_OF_PERSON,
  LEADS_TO_PERSON,
  type PersonKeys,
  personValues,
} from "./find-person.server.ts";

interface FoundEvent {
  id: bigint;
  source_key: string;
  event_id: string;
  order_name: string | null;
}

interface RedactedEvent {
  id: bigint;
  payload_drop_on: string | null;
  attempt_ids: bigint[];
  kind: string;
  source: string;
  was: StoredState;
  bucket: string;
}

export interface Page {
  keys: PersonKeys;
  /** The events that lead to the others. */
  areLeading: boolean;
  pageSize: number;
}

/** Takes from some of a person's events what leads to them, in one transaction. */
export async function redactPage(
  client: PoolClient,
  shop: { id: bigint; lane: number },
  { keys, areLeading, pageSize }: Page,
): Promise<{ events: number; payloads: number }> {
  const { rows: found } = await client.query<FoundEvent>(
    `select e.id, e.source_key, e.event_id, e.order_name from ${EVENTS_OF_PERSON}
      where ${LEADS_TO_PERSON} = $8 order by e.id limit ${pageSize}`,
    [...personValues(shop, keys), areLeading],
  );
  const all = listNames(found, keys);
  const text = [...all.keys()];
  // The ids of events that are still to come are renamed with these, to where they then are.
  const isLast = areLeading && found.length < pageSize;
  const names = isLast ? all : listFoundNames(found, keys);
  // Before the events: whoever works on a run holds its row, and then takes events.
  await renameInRuns(client, shop.id, names);
  const { rows } = await client.query<RedactedEvent>(
    `update event set source_key = 'redacted-' || event.id, event_id = 'redacted-' || event.id,
        id_source = 'redacted', order_id = null, order_name = null, checkout_token = null,
        cart_token = null,
        state = case when was.waited then 'skipped' else event.state end,
        reason = case when was.waited then 'redacted' when ${namesAnySql("event.reason")} then null
          else event.reason end,
        warning = case when ${namesAnySql("event.warning")} then null else event.warning end,
        settled_at = coalesce(event.settled_at, now())
      from (select id, state, state in ('held', 'pending') as waited from event
        where id = any($1::bigint[]) order by id for no key update) was
      where event.id = was.id
      returning event.id, event.kind, event.source, was.state as was, event.payload_drop_on,
        event.attempt_ids, ${bucketSql("event.event_time")} as bucket`,
    [found.map(({ id }) => id.toString()), text],
  );
  // By the event's own day, which stays: settling an event that is being sent would move its payload.
  // A join, which reads each by its key: two lists may have all payloads of a day read, where Postgres
  // has not analysed them yet.
  const { rowCount: payloads } = await client.query(
    `delete from event_payload p using unnest($1::bigint[], $2::date[]) r (id, day)
      where p.drop_on = r.day and p.event_ref = r.id`,
    [rows.map(({ id }) => id.toString()), rows.map((event) => event.payload_drop_on)],
  );
  await countEvents(client, listChanges(shop.id, rows));
  await removeAnswers(client, rows, text);
  await renameInEntries(client, shop.id, names);
  return { events: rows.length, payloads: payloads ?? 0 };
}

/** SQL: whether a text (SQL for it) holds one of the names ($2). */
function namesAnySql(text: string): string {
  return `(${text} is not null
    and exists (select from unnest($2::text[]) name where position(name in ${text}) > 0))`;
}

/** By what other rows name the person's events, and what they say in its place. */
function listNames(found: readonly FoundEvent[], keys: PersonKeys): Map<string, string> {
  const { orderIds, checkoutTokens, customerIds } = keys;
  return new Map([
    ...[...orderIds, ...checkoutTokens].map((key) => [key, GONE] as const),
    ...orderIds.map((id) => [deriveEventId("order", id, "checkout"), GONE] as const),
    ...customerIds.map((id) => [id, GONE] as const),
    ...customerIds.map((id) => [deriveEventId("customer", id, "signup"), GONE] as const),
    ...listFoundNames(found, keys),
  ]);
}

const GONE = "redacted";

function listFoundNames(
  found: readonly FoundEvent[],
  { checkoutTokens, customerIds }: PersonKeys,
): Map<string, string> {
  const keys = new Set([...checkoutTokens, ...customerIds]);
  return new Map([
    ...found.flatMap(({ source_key: key }) => (keys.has(key) ? [[key, GONE] as const] : [])),
    ...found.flatMap(({ order_name: name }) => (name === null ? [] : [[name, GONE] as const])),
    ...found.map(({ id, event_id: eventId }) => [eventId, `redacted-${id}`] as const),
  ]);
}

function listChanges(shopId: bigint, rows: readonly RedactedEvent[]): CountChange[] {
  return rows.flatMap(({ was, kind, source, bucket }): CountChange[] => {
    if (was !== "held" && was !== "pending") return [];
    const event = { shopId, kind, source, bucket };
    return [
      { ...event, state: was, reason: null, by: -1 },
      { ...event, state: "skipped", reason: "redacted", by: 1 },
    ];
  });
}

/** Items of runs follow their events to the new ids; what waits in a run is not sent. */
async function renameInRuns(
  client: PoolClient,
  shopId: bigint,
  names: ReadonlyMap<string, string>,
): Promise<void> {
  // A search for the order by its number may have chosen a run's events, as part of an address. Orders
  // are chosen by time, whose digits are those of many names.
  await client.query(
    `update run set choice = null where shop_id = $1 and kind <> 'reconcile' and exists (select from unnest($2::text[]) name
        where position(ltrim(name, '#') in choice::text) > 0)`,
    [shopId.toString(), [...names.keys()]],
  );
  const { rows } = await client.query<{ id: bigint }>(
    `select r.id from run r where r.shop_id = $1 and exists (select from run_item i
        where i.run_id = r.id and (i.event_id = any($2::text[]) or i.order_id = any($2::text[])))
      order by r.id for no key update of r`,
    [shopId.toString(), [...names.keys()]],
  );
  if (rows.length === 0) return;
  await client.query(
    `update run_item i set body = null, order_id = null, order_name = null, order_at = null,
        event_id = coalesce((select n.new from unnest($2::text[], $3::text[]) n (old, new)
          where n.old = i.event_id), 'redacted'),
        state = case when i.state = 'waiting' then 'left' else i.state end,
        why = case when i.state = 'waiting' then 'redacted' else i.why end
      where i.run_id = any($1::bigint[])
        and (i.event_id = any($2::text[]) or i.order_id = any($2::text[]))`,
    [rows.map(({ id }) => id.toString()), [...names.keys()], [...names.values()]],
  );
}

/** What Pinterest answered to these events, and words about their requests that repeat an id. */
async function removeAnswers(
  client: PoolClient,
  rows: readonly RedactedEvent[],
  names: readonly string[],
): Promise<void> {
  await client.query(
    `update attempt a set answers = nullif(a.answers - $3::text[], '{}'),
        message = case when ${namesAnySql("a.message")} then null else a.message end
      where a.id = any($1::bigint[]) and (a.answers ?| $3::text[] or a.message is not null)`,
    [
      [...new Set(rows.flatMap((row) => row.attempt_ids.map(String)))],
      names,
      rows.map(({ id }) => id.toString()),
    ],
  );
}
