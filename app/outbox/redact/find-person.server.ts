import type { Pool } from "pg";
import { EVENT_NAMES } from "#app/events/conversion-event.ts";
import { payloadIdentity } from "#app/events/encryption-identity.ts";
import { type VisitKeyKind, visitKey } from "#app/events/visit.ts";
import {
  listVisitOwners,
  readVisitRow,
  VISIT_COLUMNS,
  type VisitRow,
} from "#app/outbox/read-visits.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";
import { KeyringError } from "#app/platform/keys/wrapping-keys.server.ts";
import { digestPerson, type PersonData } from "./digest-person.server.ts";

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
  /** The id of a browser, as payloads have it. */
  hashBrowser: (clientId: string) => string[];
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
  /** A browser of theirs told it. Who else uses that browser may be named in it. */
  is_by_browser?: true;
}

/** What the outbox knows the person by. */
export interface PersonKeys extends Omit<Person, "matchKeys" | "hashBrowser" | "askedAt"> {
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

/** More days than an event waits and its payload is kept after that. */
const PAYLOAD_DAYS = 45;
const SEARCH_PAGE = 5_000;

/**
 * Finds by what the shop's rows know a person: by what the request names, and by the browsers that told
 * of their orders and checkouts. All that such a browser did is theirs, page views too, but for what
 * belongs to another's order.
 */
export async function identifyPerson(
  services: { pool: Pick<Pool, "query">; keyring: Keyring },
  shop: { id: bigint; lane: number },
  person: Person,
): Promise<readonly UnlinkedEvent[]> {
  const named = await findUnlinked(services, shop.id, person);
  const known = await findPerson(services.pool, shop.id, person, named);
  const browsers = await listBrowsers(services, shop, known, person);
  const matchKeys = { external_id: browsers };
  const told = await findUnlinked(services, shop.id, { ...person, matchKeys });
  const ids = new Set(named.map(({ id }) => id));
  const others = told.filter(({ id }) => !ids.has(id));
  // A checkout leads on to its visit.
  const mark = (event: UnlinkedEvent) =>
    ({ ...event, is_named: isOfCheckout(event), is_by_browser: true }) as const;
  return [...named, ...others.map(mark)];
}

/** The digests of the ids of browsers, as payloads have them, by what is kept of the person. */
async function listBrowsers(
  { pool, keyring }: { pool: Pick<Pool, "query">; keyring: Keyring },
  shop: { id: bigint; lane: number },
  known: PersonKeys,
  person: Person,
): Promise<string[]> {
  const { external_id: own = [] } = person.matchKeys;
  const visits = await pool.query<VisitRow>(
    `select ${VISIT_COLUMNS} from visit v where v.shop_id = $1 and v.visit_key = any($2::text[])`,
    [shop.id.toString(), known.visitKeys],
  );
  // An event by hand may have an id that many share.
  const payloads = await pool.query<{ kind: string; source_key: string; body: Buffer }>(
    `select e.kind, e.source_key, p.body from event e join event_payload p
        on p.drop_on = e.payload_drop_on and p.event_ref = e.id
      where ${IS_OF_PERSON} and e.source <> 'task' order by e.id desc limit ${MOST_PAYLOADS}`,
    personValues(shop, known),
  );
  const bodies = listOwners(payloads.rows.map(({ body }) => body));
  const keys = await keyring.load(pool, [...bodies, ...listVisitOwners(visits.rows)]);
  const found = new Set<string>();
  for (const row of visits.rows) {
    const clientId = readVisitRow({ keys }, row)?.evidence.clientId ?? null;
    for (const digest of clientId === null ? [] : person.hashBrowser(clientId)) found.add(digest);
  }
  for (const { kind, source_key: sourceKey, body } of payloads.rows) {
    const identity = payloadIdentity(shop.id, kind, sourceKey);
    for (const id of readPersonData(keys, body, identity)?.external_id ?? []) found.add(id);
  }
  return [...found].filter((id) => !own.includes(id));
}

/** Null: its key is gone, and it names nobody any more. */
function readPersonData(keys: Decrypter, body: Buffer, identity: string): PersonData | null {
  try {
    const text = keys.decrypt(body, identity).toString("utf8");
    return (JSON.parse(text) as { user_data?: PersonData }).user_data ?? null;
  } catch (error) {
    if (error instanceof KeyringError) return null;
    throw error;
  }
}

/** Newer ones name the same browsers. */
const MOST_PAYLOADS = 500;

/**
 * Finds the person's events that no order leads to (a checkout that was left, an event by hand) by the
 * digests beside the payloads. Reads the shop's events whose payload may be kept, page by page: an index
 * would cost each webhook, and a shop has few requests.
 */
async function findUnlinked(
  { pool, keyring }: { pool: Pick<Pool, "query">; keyring: Keyring },
  shopId: bigint,
  { matchKeys, askedAt }: Pick<Person, "matchKeys" | "askedAt">,
): Promise<UnlinkedEvent[]> {
  const keys = await keyring.ensure(pool, [shopId]);
  const digests = digestPerson(keys, shopId, matchKeys);
  const naming = digestPerson(keys, shopId, { ...matchKeys, ph: [] });
  const found: UnlinkedEvent[] = [];
  let place: Pick<SearchedEvent, "event_time" | "id"> | undefined = NEWEST;
  while (digests.length > 0 && place !== undefined) {
    const values: string[] = [shopId, place.event_time, place.id].map(String);
    const { rows }: { rows: SearchedEvent[] } = await pool.query<SearchedEvent>(
      `with page as materialized (select e.id, e.event_time, e.kind, e.source_key, e.payload_drop_on,
            e.created_at from event e
          where e.shop_id = $1 and (e.event_time, e.id) < ($2, $3)
            and e.event_time > extract(epoch from now())::bigint - ${PAYLOAD_DAYS * 86_400}
          order by e.event_time desc, e.id desc limit ${SEARCH_PAGE}),
        judged as (select page.*, page.created_at <= $6 and p.persons && $4::bigint[] as is_theirs,
            p.persons && $5::bigint[] as is_named,
            row_number() over (order by event_time, id) = 1 and count(*) over () = ${SEARCH_PAGE} as is_last
          from page left join event_payload p
            on p.drop_on = page.payload_drop_on and p.event_ref = page.id)
        select id, event_time, kind, source_key, is_named, is_theirs, is_last from judged
        where is_theirs or is_last`,
      [...values, digests, naming, askedAt],
    );
    found.push(...rows.filter((row) => row.is_theirs));
    place = rows.find((row) => row.is_last);
  }
  return found;
}

const NEWEST = { event_time: 2n ** 62n, id: 0n };

interface SearchedEvent extends UnlinkedEvent {
  event_time: bigint;
  is_theirs: boolean;
  /** More events may come after it. */
  is_last: boolean;
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
function isOfCheckout({ kind, source_key: key }: UnlinkedEvent): boolean {
  return (kind === "initiate_checkout" || kind === "add_payment_info") && !key.includes(":");
}

function listTokens(keys: readonly string[], kind: VisitKeyKind): string[] {
  const start = visitKey(kind, "");
  return keys.filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
}

/**
 * SQL: whether an event `e` of a shop ($1, its lane $2) is one of the person's ($3: orders, $4 and
 * $5: names and source keys, $6: the customer, $7: rows), and still says so.
 */
export const IS_OF_PERSON = `e.id in (
    select id from event where shop_id = $1 and order_id = any($3::text[])
    union all select id from event where lane = $2 and shop_id = $1
      and kind = any($4::text[]) and source_key = any($5::text[])
    union all select id from event where lane = $2 and shop_id = $1
      and kind = 'signup' and source_key = $6
    union all select id from event where id = any($7::bigint[]) and shop_id = $1
      and id_source <> 'redacted')`;

/** The values of `IS_OF_PERSON`. */
export function personValues(
  { id, lane }: { id: bigint; lane: number },
  { orderIds, kinds, sourceKeys, customerId, unlinked }: PersonKeys,
): unknown[] {
  const rows = unlinked.map((event) => event.id.toString());
  return [id.toString(), lane, orderIds, kinds, sourceKeys, customerId, rows];
}
