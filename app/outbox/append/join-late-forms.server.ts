import { GUEST_MINUTES } from "#app/events/mapped-event.ts";
import { isNearFormSql, VISIT_COLUMNS } from "#app/outbox/read-visits.server.ts";
import { commit } from "#app/platform/pool.server.ts";
import { RELEASE_MARGIN_SECONDS } from "./event-record.server.ts";
import {
  JOIN_LIMITS,
  joinRow,
  packJoins,
  type ReleaseServices,
  type WaitingRow,
} from "./release-held.server.ts";
import { NOT_SIGN_UPS } from "./skip-guests.server.ts";

type LateFormServices = Omit<ReleaseServices, "waker">;

/** The most sign-ups that are joined in one statement. */
const PAGE = 200;

/**
 * SQL: in the last minutes of its wait a sign-up `e` is joined, when no form of it can come any more
 * that would be believed: of two browsers that told of one, neither is. The job of each minute finds
 * it more than once, which changes nothing.
 */
const LAST_MINUTES = "interval '3 minutes'";
const IS_JOINABLE = `e.state = 'held'
  and e.next_at > clock_timestamp() + interval '${RELEASE_MARGIN_SECONDS} seconds'`;

/**
 * The statement starts at the sign-ups that came within the wait, by their index, and goes on by primary
 * keys: \`signup <> ''\` is that index's own condition. The rest is for clocks that differ.
 */
export const FIND_LATE_FORMS = `select e.id, e.kind, e.source_key, s.domain as shop_domain, p.body as payload, p.notes, ${VISIT_COLUMNS}
  from customer_trace t
  join visit v on v.shop_id = t.shop_id and v.visit_key = 'signup:' || t.customer_key
  join shop s on s.id = t.shop_id
  join event e on e.lane = s.lane and e.shop_id = t.shop_id and e.kind = 'signup'
    and e.source_key = t.signup
  join event_payload p on p.drop_on = e.payload_drop_on and p.event_ref = e.id
  where t.signup <> '' and t.signup not in ${NOT_SIGN_UPS}
    and t.received_at > now() - interval '${GUEST_MINUTES + 5} minutes'
    and t.happened_at > now() - interval '${GUEST_MINUTES} minutes'
    and t.happened_at < now() - interval '${GUEST_MINUTES} minutes' + ${LAST_MINUTES}
    and not v.is_refused and v.seen_at > e.created_at - interval '10 seconds'
    and ${isNearFormSql("v.seen_at", "t.happened_at")}
    and ${IS_JOINABLE} and e.id > $1
  order by e.id limit ${PAGE}`;

const JOIN = `with given as materialized (select * from json_to_recordset($1) as r(id bigint,
      key_bits integer, notes text, from_byte integer, bytes integer)),
    free as materialized (select e.id, e.payload_drop_on as drop_on
      from event e join given using (id) where ${IS_JOINABLE} order by e.id for no key update of e),
    changed as (update event e set key_bits = given.key_bits from free join given using (id)
      where e.id = free.id
      returning e.id, free.drop_on, given.notes, given.from_byte, given.bytes)
  update event_payload p set notes = changed.notes,
      body = substring($2::bytea from changed.from_byte for changed.bytes)
    from changed where p.drop_on = changed.drop_on and p.event_ref = changed.id`;

/**
 * Gives waiting sign-ups the evidence of a form that the browser told of after their webhook; one
 * that came first was joined when the webhook was mapped. Returns how many it joined.
 */
export async function joinLateForms(services: LateFormServices): Promise<number> {
  const { db, keyring } = services;
  let joined = 0;
  let after = "0";
  for (;;) {
    const { rows } = await db.pool.query<WaitingRow>(FIND_LATE_FORMS, [after]);
    const shopIds = rows.map((row) => row.shop_id);
    const keys = await keyring.ensure(db.pool, shopIds);
    const joins = rows.flatMap((row) => joinRow(services, keys, row) ?? []);
    if (joins.length > 0) {
      const { rowCount } = await db.transaction(async (client) => {
        const [done] = await Promise.all([client.query(JOIN, packJoins(joins)), commit(client)]);
        return done;
      }, JOIN_LIMITS);
      joined += rowCount ?? 0;
    }
    if (rows.length < PAGE) return joined;
    after = String(rows.at(-1)?.id);
  }
}
