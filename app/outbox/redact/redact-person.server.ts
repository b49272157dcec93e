import type { Pool } from "pg";
import { ownReceiptId } from "#app/outbox/append/intake-row.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import {
  EVENTS_OF_PERSON,
  findPerson,
  type Person,
  type PersonKeys,
  personValues,
} from "./find-person.server.ts";
import { identifyPerson } from "./identify-person.server.ts";
import { type Page, redactPage } from "./redact-page.server.ts";
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
/** A customer who sells on has tens of thousands: each statement compares what it finds with all keys. */
const ORDERS_AT_ONCE = 2_500;

/**
 * Removes all that the outbox keeps of a person: payloads, visits and traces go; their events stay as
 * numbers that lead to nobody, so that the counters hold. What waits is skipped. An event that is
 * being sent at this moment still becomes accepted if Pinterest accepts it, as with a cancelled one.
 * Each page is committed, and a process may end after any: so what leads to other rows goes after
 * them, or the next try would not find these. A browser's events go before the visits and payloads
 * that say whose it is.
 */
export async function redactPerson(
  { db, keyring }: { db: Pick<Database, "pool" | "transaction">; keyring: Keyring },
  shop: OutboxShop,
  person: Person,
  { pageSize = PAGE, ordersAtOnce = ORDERS_AT_ONCE } = {},
): Promise<RemovedRows> {
  const { unlinked } = await identifyPerson({ pool: db.pool, keyring }, shop, person);
  const named = unlinked.filter((event) => !event.is_by_browser);
  const known = await findPerson(db.pool, shop.id, person, named);
  const [namedKeys, ownVisits] = [new Set(known.sourceKeys), new Set(known.visitKeys)];
  const told = unlinked.filter((event) => event.is_by_browser && !namedKeys.has(event.source_key));
  const ofOrders = (orderIds: string[]) => ({
    ...person,
    customerId: null,
    traceKeys: [],
    orderIds,
  });
  const findTold = async () => {
    const keys = await findPerson(db.pool, shop.id, ofOrders([]), told);
    return { ...keys, visitKeys: keys.visitKeys.filter((key) => !ownVisits.has(key)) };
  };
  const { orderIds } = person;
  const edge = Math.max(0, orderIds.length - ordersAtOnce);
  const finds = told.length > 0 ? [findTold] : [];
  for (let at = 0; at < edge; at += ordersAtOnce) {
    const some = ofOrders(orderIds.slice(at, Math.min(at + ordersAtOnce, edge)));
    finds.push(() => findPerson(db.pool, shop.id, some, []));
  }
  const rest = { ...person, orderIds: orderIds.slice(edge) };
  finds.push(() => findPerson(db.pool, shop.id, rest, named));
  const removed: RemovedRows = { events: 0, payloads: 0, visits: 0, receipts: 0, traces: 0 };
  const found: PersonKeys[] = [];
  // Until nothing is found: an order may arrive meanwhile.
  for (const find of finds) {
    const removal = { db, find, found, removed, pageSize };
    for (let isFirst = true; await removeFound(removal, shop, isFirst); isFirst = false);
  }
  // A receipt without an event (a second webhook of an order) may have been on its way into the
  // database before its source was remembered, and have come to rest after the others were looked for.
  await removeReceipts(db.pool, shop.id, { keys: joinReceiptKeys(found), removed });
  return removed;
}

interface Removal {
  db: Pick<Database, "pool" | "transaction">;
  find: () => Promise<PersonKeys>;
  /** What was found so far. */
  found: PersonKeys[];
  removed: RemovedRows;
  pageSize: number;
}

/** Returns whether it found anything. */
async function removeFound(removal: Removal, shop: OutboxShop, isFirst: boolean): Promise<boolean> {
  const { db, find, found, removed } = removal;
  const before = countAll(removed);
  const keys = await find();
  found.push(keys);
  // First, so that what arrives from now on is not stored.
  await rememberRedacted(db.pool, shop.id, listSources(keys));
  // All of the shop's receipts are looked through, so not for each round: what came without an event,
  // the end looks for. Before the events go, which lead to the receipts of a checkout.
  const mayHaveReceipts = isFirst || (await hasEvents(db.pool, shop, keys));
  await removeEvents(removal, shop, { keys, areLeading: false });
  if (mayHaveReceipts) await removeReceipts(db.pool, shop.id, { keys, removed });
  await removeRest(db.pool, shop.id, { keys, removed });
  await removeEvents(removal, shop, { keys, areLeading: true });
  return countAll(removed) > before;
}

async function hasEvents(
  pool: Pick<Pool, "query">,
  shop: OutboxShop,
  keys: PersonKeys,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from ${EVENTS_OF_PERSON} limit 1`,
    personValues(shop, keys),
  );
  return rowCount === 1;
}

function countAll({ events, visits, receipts, traces }: RemovedRows): number {
  return events + visits + receipts + traces;
}

async function removeEvents(
  { db, removed, pageSize }: Removal,
  shop: OutboxShop,
  which: Pick<Page, "keys" | "areLeading">,
): Promise<void> {
  for (;;) {
    const page = await db.transaction((client) => redactPage(client, shop, { ...which, pageSize }));
    removed.events += page.events;
    removed.payloads += page.payloads;
    if (page.events < pageSize) return;
  }
}

function listSources({ sourceKeys, customerIds }: PersonKeys) {
  return [
    ...sourceKeys.map((key) => ({ role: "source" as const, key })),
    ...customerIds.map((key) => ({ role: "customer" as const, key })),
  ];
}

/** SQL: the days of receipts, so that each partition is read by its key. */
const RECEIPT_DAYS = "generate_series(current_date - 40, current_date + 1, interval '1 day') day";

type ReceiptKeys = Pick<
  PersonKeys,
  "sourceKeys" | "completedEventIds" | "customerIds" | "orderIds"
>;

function joinReceiptKeys(found: readonly PersonKeys[]): ReceiptKeys {
  const join = (name: keyof ReceiptKeys) => [...new Set(found.flatMap((keys) => keys[name]))];
  return {
    sourceKeys: join("sourceKeys"),
    completedEventIds: join("completedEventIds"),
    customerIds: join("customerIds"),
    orderIds: join("orderIds"),
  };
}

async function removeReceipts(
  pool: Pick<Pool, "query">,
  shopId: bigint,
  { keys, removed }: { keys: ReceiptKeys; removed: RemovedRows },
): Promise<void> {
  const { sourceKeys, completedEventIds, customerIds, orderIds } = keys;
  const shop = shopId.toString();
  const receipts = await pool.query(
    `update receipt r set source_key = null from ${RECEIPT_DAYS}
      where r.received_on = day::date and r.shop_id = $1 and (r.source_key = any($2::text[])
        or (r.source_key = any($3::text[]) and r.topic like 'customers/%'))`,
    [shop, sourceKeys, customerIds],
  );
  // Those of our own making name the order or the browser's event where a webhook has Shopify's id.
  const ownReceipts = await pool.query(
    `delete from receipt r using ${RECEIPT_DAYS}
      where r.received_on = day::date and r.shop_id = $1 and r.webhook_id = any($2::text[])`,
    [shop, [...completedEventIds, ...orderIds.map(ownReceiptId)]],
  );
  removed.receipts += (receipts.rowCount ?? 0) + (ownReceipts.rowCount ?? 0);
}

/** Traces, and then visits, which lead to others. */
async function removeRest(
  pool: Pick<Pool, "query">,
  shopId: bigint,
  { keys, removed }: { keys: PersonKeys; removed: RemovedRows },
): Promise<void> {
  const { visitKeys, customerIds, traceKeys } = keys;
  const shop = shopId.toString();
  const traces = await pool.query(
    "delete from customer_trace where shop_id = $1 and (customer_key = any($2::text[]) or signup = any($3::text[]))",
    [shop, traceKeys, customerIds],
  );
  const visits = await pool.query(
    "delete from visit where shop_id = $1 and visit_key = any($2::text[])",
    [shop, visitKeys],
  );
  removed.traces += traces.rowCount ?? 0;
  removed.visits += visits.rowCount ?? 0;
}
