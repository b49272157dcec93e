import type { Pool } from "pg";
import { payloadIdentity } from "#app/events/encryption-identity.ts";
import type { Visit } from "#app/events/visit.ts";
import {
  listVisitOwners,
  readVisitRow,
  VISIT_COLUMNS,
  type VisitRow,
} from "#app/outbox/read-visits.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";
import type { PersonData } from "./digest-person.server.ts";
import { EVENTS_OF_PERSON, findPerson, type Person, personValues } from "./find-person.server.ts";
import { type IdentifiedPerson, identifyPerson } from "./identify-person.server.ts";

/** One event of a person, with what was sent of it and what Pinterest answered. */
export interface CollectedEvent {
  name: string;
  id: string;
  order: string | null;
  orderName: string | null;
  state: string;
  reason: string | null;
  happenedAt: Date;
  receivedAt: Date;
  settledAt: Date | null;
  value: string | null;
  currency: string | null;
  consent: string | null;
  adAccountId: string | null;
  /** The conversion event; null where its payload is gone or was never made. */
  payload: unknown;
  requests: { at: Date; outcome: string; httpStatus: number | null; answer: unknown }[];
}

export interface CollectedVisit {
  key: string;
  toldAt: Date;
  visit: Visit | null;
}

export interface CollectedPerson {
  events: CollectedEvent[];
  /** So many are in it at most, and there are more; null: all are in it. */
  cutAt: number | null;
  visits: CollectedVisit[];
}

/** More events than any customer has: an answer has to fit into memory. */
const MOST_EVENTS = 5_000;

/**
 * Collects all that the outbox keeps of a person, in clear. A profile may bear anybody's phone number:
 * by that, a document would hold another's data. So nothing is found by it.
 */
export async function collectPerson(
  { pool, keyring }: { pool: Pick<Pool, "query">; keyring: Keyring },
  shop: { id: bigint; lane: number },
  person: Person,
  most = MOST_EVENTS,
): Promise<CollectedPerson> {
  const sought = { ...person, matchKeys: { ...person.matchKeys, ph: [] } };
  const { unlinked, ids } = await identifyPerson({ pool, keyring }, shop, sought);
  const named = unlinked.filter((event) => !event.is_by_browser && !event.is_anothers);
  const told = unlinked.filter((event) => event.is_by_browser);
  const led = told.map((event) => ({ ...event, is_named: false }));
  const found = await findPerson(pool, shop.id, person, [...named, ...led]);
  const { rows } = await pool.query<EventRow>(
    `select e.id, e.shop_id, e.kind, e.source_key, e.event_id, e.order_id, e.order_name, e.state,
        e.reason, to_timestamp(e.event_time) as happened_at, e.created_at, e.settled_at, e.value,
        e.currency, e.consent, e.ad_account_id, p.body,
        (select jsonb_agg(jsonb_build_object('at', a.started_at, 'outcome', a.outcome,
            'httpStatus', a.http_status, 'answer', a.answers -> e.id::text) order by a.id)
          from attempt a where a.id = any(e.attempt_ids)) as requests
      from ${EVENTS_OF_PERSON} left join lateral (select body from event_payload
        where drop_on = e.payload_drop_on and event_ref = e.id) p on true
      order by (e.order_id is null), e.event_time desc, e.id desc limit ${most + 1}`,
    personValues(shop, found),
  );
  const events = rows.slice(0, most).sort(byTime);
  const { rows: visits } = await pool.query<VisitRow & { told_at: Date }>(
    `select ${VISIT_COLUMNS}, v.told_at from visit v
      where v.shop_id = $1 and v.visit_key = any($2::text[]) order by v.visit_key`,
    [shop.id.toString(), found.visitKeys],
  );
  const bodies = listOwners(events.map(({ body }) => body));
  const keys = await keyring.load(pool, [...bodies, ...listVisitOwners(visits)]);
  const { em = [], ph = [] } = person.matchKeys;
  const own = { contacts: [...em, ...ph], ids };
  const isDoubtful = doubt(told, [
    ...found.checkoutTokens,
    ...named.map((event) => event.source_key),
  ]);
  return {
    events: events
      .filter((row) => !isDoubtful(row) || isOnlyTheirs(keys, row, own))
      .map((row) => toCollected(keys, row)),
    cutAt: rows.length > most ? most : null,
    visits: visits.map((row) => {
      const visit = readVisitRow({ keys }, row);
      return { key: row.visit_key, toldAt: row.told_at, visit };
    }),
  };
}

interface EventRow {
  id: bigint;
  shop_id: bigint;
  kind: string;
  source_key: string;
  event_id: string;
  order_id: string | null;
  order_name: string | null;
  state: string;
  reason: string | null;
  happened_at: Date;
  created_at: Date;
  settled_at: Date | null;
  value: string | null;
  currency: string | null;
  consent: string | null;
  ad_account_id: string | null;
  body: Buffer | null;
  requests: CollectedEvent["requests"] | null;
}

function byTime(one: EventRow, other: EventRow): number {
  return Number(one.happened_at) - Number(other.happened_at) || Number(one.id - other.id);
}

/**
 * Whether an event is here by a browser alone, or by the token of a checkout that is: who else uses the
 * browser may be named in it.
 */
function doubt(
  told: IdentifiedPerson["unlinked"],
  ownKeys: readonly string[],
): (row: Pick<EventRow, "id" | "source_key">) => boolean {
  const known = new Set(ownKeys);
  const rows = new Set(told.map(({ id }) => id));
  const keys = new Set(told.map((event) => event.source_key).filter((key) => !known.has(key)));
  return ({ id, source_key: key }) => rows.has(id) || keys.has(key);
}

/** What names somebody else is not theirs to read, nor what no longer says whom it names. */
function isOnlyTheirs(
  keys: Decrypter,
  row: EventRow,
  own: { contacts: readonly string[]; ids: readonly string[] },
): boolean {
  const { payload } = toCollected(keys, row);
  if (payload === null) return false;
  const { em = [], ph = [], external_id: ids = [] } = (payload as Sent).user_data ?? {};
  return (
    [...em, ...ph].every((hash) => own.contacts.includes(hash)) &&
    ids.every((hash) => own.ids.includes(hash))
  );
}

interface Sent {
  user_data?: PersonData;
}

/** A payload that does not decrypt fails the whole: an answer that lacks it would be wrong. */
function toCollected(keys: Decrypter, row: EventRow): CollectedEvent {
  const identity = payloadIdentity(row.shop_id, row.kind, row.source_key);
  return {
    name: row.kind,
    id: row.event_id,
    order: row.order_id,
    orderName: row.order_name,
    state: row.state,
    reason: row.reason,
    happenedAt: row.happened_at,
    receivedAt: row.created_at,
    settledAt: row.settled_at,
    value: row.value,
    currency: row.currency,
    consent: row.consent,
    adAccountId: row.ad_account_id,
    payload:
      row.body === null ? null : JSON.parse(keys.decrypt(row.body, identity).toString("utf8")),
    requests: row.requests ?? [],
  };
}
