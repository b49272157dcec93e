import type { Pool } from "pg";
import { payloadIdentity } from "#app/events/encryption-identity.ts";
import { readNote } from "#app/events/match-notes.ts";
import {
  listVisitOwners,
  readVisitRow,
  VISIT_COLUMNS,
  type VisitRow,
} from "#app/outbox/read-visits.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";
import { KeyringError } from "#app/platform/keys/wrapping-keys.server.ts";
import { digestPerson, type PersonData } from "./digest-person.server.ts";
import {
  EVENTS_OF_PERSON,
  findPerson,
  isOfCheckout,
  type Person,
  type PersonKeys,
  personValues,
  type UnlinkedEvent,
} from "./find-person.server.ts";

interface Services {
  pool: Pick<Pool, "query">;
  keyring: Keyring;
}

export interface IdentifiedPerson {
  unlinked: readonly UnlinkedEvent[];
  /** The external ids, as payloads have them, of the person's accounts and browsers. */
  ids: string[];
}

/** More days than an event waits and its payload is kept after that. */
const PAYLOAD_DAYS = 45;
const SEARCH_PAGE = 5_000;
const PAYLOADS_PAGE = 500;

/**
 * Finds by what the shop's rows know a person: by what the request names, and by the browsers that told
 * of their orders and checkouts. All that such a browser did is theirs, page views too, but for what
 * belongs to another's order. What has their phone alone, or their email beside another customer's id,
 * leads to no browser: it may be the other's.
 */
export async function identifyPerson(
  services: Services,
  shop: { id: bigint; lane: number },
  person: Person,
): Promise<IdentifiedPerson> {
  const found = await findUnlinked(services, shop.id, person);
  const leading = found.filter((event) => event.is_named);
  const known = await findPerson(services.pool, shop.id, person, leading);
  const payloads = await readIds(services, shop, known);
  const accounts = new Set(listAccounts(known, person, payloads));
  // Without a known account, nothing tells theirs from another's, and none of theirs may stay.
  const isAnothers = ({ customers }: PayloadIds) =>
    accounts.size > 0 && customers.some((id) => !accounts.has(id));
  const anothers = new Set(payloads.filter(isAnothers).map(sourceOf));
  const named = found.map(
    (event): UnlinkedEvent =>
      anothers.has(sourceOf(event)) ? { ...event, is_named: false, is_anothers: true } : event,
  );
  const { visitKeys } = await findPerson(services.pool, shop.id, person, named);
  const own = payloads.filter((payload) => !anothers.has(sourceOf(payload)));
  const visited = await readClients(services, shop.id, visitKeys);
  const browsers = [
    ...new Set([...own.flatMap((payload) => payload.browsers), ...visited.flatMap(person.hashId)]),
  ];
  const told = await findUnlinked(services, shop.id, {
    ...person,
    matchKeys: { external_id: browsers },
  });
  const rows = new Set(found.map(({ id }) => id));
  // A checkout leads on to its visit.
  const mark = (event: UnlinkedEvent) =>
    ({ ...event, is_named: isOfCheckout(event), is_by_browser: true }) as const;
  return {
    unlinked: [...named, ...told.filter(({ id }) => !rows.has(id)).map(mark)],
    ids: [...accounts, ...browsers],
  };
}

/**
 * A sign-up with the person's email is an account of theirs: no shop has two with one. So is the
 * customer of an order that the request names: where Shopify merged two, it may bear the other's id.
 */
function listAccounts(
  { customerIds }: PersonKeys,
  { matchKeys, hashId, orderIds }: Person,
  payloads: readonly PayloadIds[],
): string[] {
  const asked = new Set(orderIds);
  const ordered = payloads.filter(({ order_id: id }) => id !== null && asked.has(id));
  return [
    ...new Set([
      ...(matchKeys.external_id ?? []),
      ...customerIds.flatMap(hashId),
      ...ordered.flatMap(({ customers }) => customers),
    ]),
  ];
}

/** The events of one checkout are one shopper's. */
function sourceOf(event: Pick<UnlinkedEvent, "id" | "kind" | "source_key">): string {
  return isOfCheckout(event) ? event.source_key : `row ${event.id}`;
}

interface PayloadOwner extends Pick<UnlinkedEvent, "id" | "kind" | "source_key"> {
  order_id: string | null;
}

interface PayloadIds extends PayloadOwner {
  customers: string[];
  browsers: string[];
}

interface Payload {
  id: bigint;
  body: Buffer;
  notes: string;
}

/** The external ids in the payloads that are kept of a person. */
async function readIds(
  { pool, keyring }: Services,
  shop: { id: bigint; lane: number },
  known: PersonKeys,
): Promise<PayloadIds[]> {
  // Found once: looking for tens of thousands of orders takes longer than to read a page of payloads.
  // An event by hand may have an id that many share.
  const { rows: events } = await pool.query<PayloadOwner & { payload_drop_on: string | null }>(
    `select e.id, e.kind, e.source_key, e.order_id, e.payload_drop_on from ${EVENTS_OF_PERSON}
      where e.source <> 'task'`,
    personValues(shop, known),
  );
  const found: PayloadIds[] = [];
  for (let at = 0; at < events.length; at += PAYLOADS_PAGE) {
    const page = events.slice(at, at + PAYLOADS_PAGE);
    const { rows } = await pool.query<Payload>(
      `select e.id, p.body, p.notes from unnest($1::bigint[], $2::date[]) as e (id, day)
        cross join lateral (select body, notes from event_payload
          where drop_on = e.day and event_ref = e.id offset 0) p`,
      [page.map(({ id }) => id.toString()), page.map((event) => event.payload_drop_on)],
    );
    const keys = await keyring.load(pool, listOwners(rows.map(({ body }) => body)));
    const payloads = new Map(rows.map((row) => [row.id, row]));
    for (const { payload_drop_on: _, ...event } of page) {
      const payload = payloads.get(event.id);
      if (payload === undefined) continue;
      const identity = payloadIdentity(shop.id, event.kind, event.source_key);
      const sent = readPersonData(keys, payload.body, identity);
      found.push({ ...event, ...sortIds(sent, payload.notes) });
    }
  }
  return found;
}

/** The customer's id comes first, and `joinVisit` adds the browser's. */
function sortIds(
  sent: PersonData | null,
  notes: string,
): Pick<PayloadIds, "customers" | "browsers"> {
  const origins = readNote(notes, "external_id")?.split("+") ?? [];
  const ids = sent?.external_id ?? [];
  const customers = origins.includes("customer") ? ids.slice(0, 1) : [];
  return { customers, browsers: origins.includes("browser") ? ids.slice(customers.length) : [] };
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

/** The ids of the browsers that told these visits. */
async function readClients(
  { pool, keyring }: Services,
  shopId: bigint,
  visitKeys: readonly string[],
): Promise<string[]> {
  const { rows } = await pool.query<VisitRow>(
    `select ${VISIT_COLUMNS} from visit v where v.shop_id = $1 and v.visit_key = any($2::text[])`,
    [shopId.toString(), visitKeys],
  );
  const keys = await keyring.load(pool, listVisitOwners(rows));
  return rows.flatMap((row) => readVisitRow({ keys }, row)?.evidence.clientId ?? []);
}

/**
 * Finds the person's events that no order leads to (a checkout that was left, an event by hand) by the
 * digests beside the payloads. Reads the shop's events whose payload may be kept, page by page: an index
 * would cost each webhook, and a shop has few requests.
 */
async function findUnlinked(
  { pool, keyring }: Services,
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
