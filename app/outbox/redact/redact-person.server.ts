import type { PoolClient } from "pg";
import { renameInEntries } from "#app/audit/write-audit-entry.server.ts";
import { deriveEventId } from "#app/events/event-id.ts";
import type { StoredState } from "#app/events/event-state.ts";
import { bucketSql, type CountChange, countEvents } from "#app/outbox/count-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import {
  findPerson,
  IS_OF_PERSON,
  identifyPerson,
  type Person,
  type PersonKeys,
  personValues,
} from "./find-person.server.ts";
import { rememberRedacted } from "./redacted-sources.server.ts";

/** How many rows of each kind were removed, or made to name nobody. */
export interface RemovedRows {
  events: number;
  payloads: number;
  visits: number;
  receipts: number;
  traces: number;
}

interface OutboxShop {
  id: bigint;
  lane: number;
}

const PAGE = 500;

/**
 * Removes all that the outbox keeps of a person: payloads, visits and traces go; their events stay as
 * numbers that lead to nobody, so that the counters hold. What waits is skipped. An event that is
 * being sent at this moment still becomes accepted if Pinterest accepts it, as with a cancelled one.
 * Goes on until nothing is found: an order may arrive meanwhile.
 */
export async function redactPerson(
  { db, keyring }: { db: Pick<Database, "pool" | "transaction">; keyring: Keyring },
  shop: OutboxShop,
  person: Person,
): Promise<RemovedRows> {
  const unlinked = await identifyPerson({ pool: db.pool, keyring }, shop, person);
  const removed: RemovedRows = { events: 0, payloads: 0, visits: 0, receipts: 0, traces: 0 };
  for (;;) {
    const keys = await findPerson(db.pool, shop.id, person, unlinked);
    // First, so that what arrives from now on is not stored.
    await rememberRedacted(db.pool, shop.id, listSources(keys));
    const page = await db.transaction((client) => redactPage(client, shop, keys));
    removed.events += page.events;
    removed.payloads += page.payloads;
    if (page.events === PAGE) continue;
    const rest = await removeRest(db, shop.id, keys);
    removed.visits += rest.visits;
    removed.receipts += rest.receipts;
    removed.traces += rest.traces;
    if (page.events + rest.visits + rest.receipts + rest.traces === 0) return removed;
  }
}

function listSources({ sourceKeys, customerIds }: PersonKeys) {
  return [
    ...sourceKeys.map((key) => ({ role: "source" as const, key })),
    ...customerIds.map((key) => ({ role: "customer" as const, key })),
  ];
}

interface FoundEvent {
  id: bigint;
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

async function redactPage(
  client: PoolClient,
  shop: OutboxShop,
  keys: PersonKeys,
): Promise<Pick<RemovedRows, "events" | "payloads">> {
  const { rows: found } = await client.query<FoundEvent>(
    `select e.id, e.event_id, e.order_name from event e where ${IS_OF_PERSON}
      order by e.id limit ${PAGE}`,
    personValues(shop, keys),
  );
  const names = listNames(found, keys);
  const text = [...names.keys()];
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
  return `exists (select from unnest($2::text[]) name where position(name in ${text}) > 0)`;
}

/** By what other rows name the events, and what they say in its place. */
function listNames(
  found: readonly FoundEvent[],
  { orderIds, checkoutTokens, customerIds }: PersonKeys,
): Map<string, string> {
  const gone = "redacted";
  return new Map([
    ...[...orderIds, ...checkoutTokens].map((key) => [key, gone] as const),
    ...orderIds.map((id) => [deriveEventId("order", id, "checkout"), gone] as const),
    ...customerIds.map((id) => [id, gone] as const),
    ...customerIds.map((id) => [deriveEventId("customer", id, "signup"), gone] as const),
    ...found.flatMap(({ order_name: name }) => (name === null ? [] : [[name, gone] as const])),
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

/** SQL: the days of receipts, so that each partition is read by its key. */
const RECEIPT_DAYS = "generate_series(current_date - 40, current_date + 1, interval '1 day') day";

async function removeRest(
  db: Pick<Database, "pool">,
  shopId: bigint,
  { visitKeys, sourceKeys, completedEventIds, customerIds, traceKeys }: PersonKeys,
): Promise<Pick<RemovedRows, "visits" | "receipts" | "traces">> {
  const shop = shopId.toString();
  const visits = await db.pool.query(
    "delete from visit where shop_id = $1 and visit_key = any($2::text[])",
    [shop, visitKeys],
  );
  const receipts = await db.pool.query(
    `update receipt r set source_key = null from ${RECEIPT_DAYS}
      where r.received_on = day::date and r.shop_id = $1 and (r.source_key = any($2::text[])
        or (r.source_key = any($3::text[]) and r.topic like 'customers/%'))`,
    [shop, sourceKeys, customerIds],
  );
  // Those of our own making name the order or the browser's event where a webhook has Shopify's id.
  const ownReceipts = await db.pool.query(
    `delete from receipt r using ${RECEIPT_DAYS} where r.received_on = day::date and r.shop_id = $1
      and (r.webhook_id = any($3::text[]) or exists (select from unnest($2::text[]) key
        where right(r.webhook_id, length(key) + 1) = '-' || key))`,
    // What a browser did is no order's, and it may be much.
    [shop, sourceKeys.filter((key) => !/^(page|browser):/.test(key)), completedEventIds],
  );
  const traces = await db.pool.query(
    "delete from customer_trace where shop_id = $1 and (customer_key = any($2::text[]) or signup = any($3::text[]))",
    [shop, traceKeys, customerIds],
  );
  return {
    visits: visits.rowCount ?? 0,
    receipts: (receipts.rowCount ?? 0) + (ownReceipts.rowCount ?? 0),
    traces: traces.rowCount ?? 0,
  };
}
