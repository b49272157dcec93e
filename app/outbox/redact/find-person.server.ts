import type { Pool } from "pg";
import { EVENT_NAMES } from "#app/events/conversion-event.ts";
import { type VisitKeyKind, visitKey } from "#app/events/visit.ts";
import type { PersonData } from "./digest-person.server.ts";

/** What Shopify's request names of a customer. */
export interface Person {
  /** Digits. */
  customerId: string | null;
  /** Digits. */
  orderIds: string[];
  /** The digests by which `customer_trace` knows the customer. */
  traceKeys: string[];
  /** As their payloads have it. */
  matchKeys: PersonData;
  /** The id of a browser or a customer, as payloads have it. */
  hashId: (id: string) => string[];
  /** When the request came: of what came later, only their orders are looked for. */
  askedAt: Date;
}

/** An event that no order leads to. */
export interface UnlinkedEvent {
  id: bigint;
  kind: string;
  source_key: string;
  /**
   * It has their email or their customer id. One that has their phone alone goes as well, and leads
   * to nothing else: a profile may bear anybody's number.
   */
  is_named: boolean;
  /** It has their email and another customer's id: it leads to nothing else, and is not theirs to read. */
  is_anothers?: true;
  /** A browser of theirs told it. Who else uses that browser may be named in it. */
  is_by_browser?: true;
}

/** What the outbox knows the person by. */
export interface PersonKeys extends Omit<Person, "matchKeys" | "hashId" | "askedAt"> {
  unlinked: readonly UnlinkedEvent[];
  /** The customer's own, and those of sign-ups with the same email. */
  customerIds: string[];
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
 * that became these orders, as the browser told it or as an order waits for it, and their carts.
 */
export async function findPerson(
  pool: Pick<Pool, "query">,
  shopId: bigint,
  person: Person,
  unlinked: readonly UnlinkedEvent[],
): Promise<PersonKeys> {
  const { customerId, orderIds, traceKeys } = person;
  const named = unlinked.filter((event) => event.is_named);
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
  const tokens = [
    ...listTokens(found, "checkout"),
    ...held.rows.map(({ token }) => token),
    ...named.filter(isOfCheckout).map((event) => event.source_key),
  ];
  const checkoutTokens = [...new Set(tokens)];
  const checkoutKeys = checkoutTokens.map((token) => visitKey("checkout", token));
  const ownKeys = [...orderKeys, ...found, ...checkoutKeys];
  const carts = await pool.query<{ token: string }>(
    `select cart_token as token from visit
      where shop_id = $1 and visit_key = any($2::text[]) and cart_token is not null`,
    [shopId.toString(), ownKeys],
  );
  const cartKeys = carts.rows.map(({ token }) => visitKey("cart", token));
  const formKeys = traceKeys.map((key) => visitKey("signup", key));
  const isSignUp = ({ kind }: UnlinkedEvent) => kind === "signup";
  const others = unlinked.filter((event) => !isSignUp(event));
  return {
    customerId,
    orderIds,
    traceKeys,
    unlinked,
    customerIds: [
      ...(customerId === null ? [] : [customerId]),
      ...named.filter(isSignUp).map((event) => event.source_key),
    ],
    checkoutTokens,
    visitKeys: [...new Set([...ownKeys, ...cartKeys, ...formKeys])],
    completedEventIds: visits.rows.flatMap((visit) => visit.completed_event_id ?? []),
    kinds: KINDS_OF_ORDERS,
    sourceKeys: [
      ...new Set([...orderIds, ...checkoutTokens, ...others.map((event) => event.source_key)]),
    ],
  };
}

/** A checkout's token is all that its events are known by; any other source has a word before its key. */
export function isOfCheckout({
  kind,
  source_key: key,
}: Pick<UnlinkedEvent, "kind" | "source_key">): boolean {
  return (kind === "initiate_checkout" || kind === "add_payment_info") && !key.includes(":");
}

function listTokens(keys: readonly string[], kind: VisitKeyKind): string[] {
  const start = visitKey(kind, "");
  return keys.filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
}

/**
 * SQL: the events `e` of a shop ($1, its lane $2) that are the person's ($3: orders, $4 and $5: names
 * and source keys, $6: the customer, $7: rows), and still say so. Each is read by its id: with a join,
 * the planner may read all events, for each page.
 */
export const EVENTS_OF_PERSON = `(
    select id from event where shop_id = $1 and order_id = any($3::text[])
    union select id from event where lane = $2 and shop_id = $1
      and kind = any($4::text[]) and source_key = any($5::text[])
    union select id from event where lane = $2 and shop_id = $1
      and kind = 'signup' and source_key = $6
    union select id from event where id = any($7::bigint[]) and shop_id = $1
      and id_source <> 'redacted') own
  cross join lateral (select * from event where id = own.id offset 0) e`;

/** SQL: whether it leads to others of them, by its token or its browser, and is found without them. */
export const LEADS_TO_PERSON = `coalesce(e.order_id = any($3::text[])
    or (e.kind = 'signup' and e.source_key = $6) or e.id = any($7::bigint[]), false)`;

/** The values of both. */
export function personValues(
  { id, lane }: { id: bigint; lane: number },
  { orderIds, kinds, sourceKeys, customerId, unlinked }: PersonKeys,
): unknown[] {
  const rows = unlinked.map((event) => event.id.toString());
  return [id.toString(), lane, orderIds, kinds, sourceKeys, customerId, rows];
}
