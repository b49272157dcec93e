import type { Pool } from "pg";
import { EVENT_NAMES } from "#app/events/conversion-event.ts";
import { type VisitKeyKind, visitKey } from "#app/events/visit.ts";

/** What Shopify's request names of a customer. */
export interface Person {
  /** Digits. */
  customerId: string | null;
  /** Digits. */
  orderIds: string[];
  /** The digests by which `customer_trace` knows the customer. */
  traceKeys: string[];
}

/** What the outbox knows the person by. */
export interface PersonKeys extends Person {
  /** The tokens of the checkouts that became these orders. */
  checkoutTokens: string[];
  /** Keys of `visit`. */
  visitKeys: string[];
  /** The browser's ids of the purchases. */
  completedEventIds: string[];
  /** Events of these names have one of `sourceKeys`. */
  kinds: readonly string[];
  sourceKeys: string[];
}

const KINDS_OF_ORDERS = EVENT_NAMES.filter((name) => name !== "signup");

/**
 * Finds by what else the shop's rows know a person than by the ids of their orders: the checkouts
 * that became these orders, as the browser told it or as an order waits for it.
 */
export async function findPerson(
  pool: Pick<Pool, "query">,
  shopId: bigint,
  person: Person,
): Promise<PersonKeys> {
  const { orderIds } = person;
  const orderKeys = orderIds.map((id) => visitKey("order", id));
  const [visits, held] = await Promise.all([
    pool.query<{ visit_key: string; completed_event_id: string | null }>(
      `select v.visit_key, v.completed_event_id from visit v where v.shop_id = $1 and (v.visit_key = any($2::text[])
        or v.completed_event_id in (select o.completed_event_id from visit o
          where o.shop_id = $1 and o.visit_key = any($2::text[])))`,
      [shopId.toString(), orderKeys],
    ),
    pool.query<{ token: string }>(
      `select checkout_token as token from event
        where shop_id = $1 and order_id = any($2::text[]) and checkout_token is not null`,
      [shopId.toString(), orderIds],
    ),
  ]);
  const found = visits.rows.map((visit) => visit.visit_key);
  const tokens = [...listTokens(found, "checkout"), ...held.rows.map(({ token }) => token)];
  const checkoutTokens = [...new Set(tokens)];
  const checkoutKeys = checkoutTokens.map((token) => visitKey("checkout", token));
  const formKeys = person.traceKeys.map((key) => visitKey("signup", key));
  return {
    ...person,
    checkoutTokens,
    visitKeys: [...new Set([...orderKeys, ...found, ...checkoutKeys, ...formKeys])],
    completedEventIds: visits.rows.flatMap((visit) => visit.completed_event_id ?? []),
    kinds: KINDS_OF_ORDERS,
    sourceKeys: [...orderIds, ...checkoutTokens],
  };
}

function listTokens(keys: readonly string[], kind: VisitKeyKind): string[] {
  const start = visitKey(kind, "");
  return keys.filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
}

/**
 * SQL: whether an event `e` of a shop ($1, its lane $2) is one of the person's ($3: orders, $4 and
 * $5: names and source keys, $6: the customer), and still says so.
 */
export const IS_OF_PERSON = `e.id in (
    select id from event where shop_id = $1 and order_id = any($3::text[])
    union all select id from event where lane = $2 and shop_id = $1
      and kind = any($4::text[]) and source_key = any($5::text[])
    union all select id from event where lane = $2 and shop_id = $1
      and kind = 'signup' and source_key = $6)`;

/** The values of `IS_OF_PERSON`. */
export function personValues(
  { id, lane }: { id: bigint; lane: number },
  { orderIds, kinds, sourceKeys, customerId }: PersonKeys,
): unknown[] {
  return [id.toString(), lane, orderIds, kinds, sourceKeys, customerId];
}
