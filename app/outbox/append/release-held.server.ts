import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { payloadIdentity } from "#app/events/encryption-identity.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { Visit } from "#app/events/visit.ts";
import { addCountsSql, bucketStartSql } from "#app/outbox/count-events.server.ts";
import { readVisitRow, VISIT_COLUMNS, type VisitRow } from "#app/outbox/read-visits.server.ts";
import {
  type FreshByAccount,
  shareOfBatch,
  type Waker,
} from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { DataKeys, Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { commit } from "#app/platform/pool.server.ts";
import { RELEASE_MARGIN_SECONDS } from "./event-record.server.ts";

/** The visit that an order may be held for: of its checkout, of its cart, or under its number. */
export interface HeldFor {
  shopId: bigint;
  /** As `visitKey` makes it. */
  key: string;
}

/** A held event with what its visit says by now. */
export interface ReleasedEvent extends Pick<MappedEvent, "keyBits" | "notes"> {
  event: ConversionEvent;
  /** What the shopper chose; null: the decision by which the event was held stands. */
  choice: { refusal: SkipReason | null; record: string } | null;
}

export interface ReleaseServices {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  log: Logger;
  waker: Waker;
  /** Adds what the visit says to the payload of a held event. */
  join: (
    held: { event: ConversionEvent; notes: string; shopDomain: string },
    visit: Visit,
  ) => ReleasedEvent;
}

/** A waiting event, and the visit that it is joined to. */
export interface WaitingRow extends VisitRow {
  id: bigint;
  kind: string;
  source_key: string;
  shop_domain: string;
  payload: Buffer;
  notes: string;
}

interface HeldRow extends WaitingRow {
  /** Null where its events are not sent at present. */
  active_account: string | null;
}

/** SQL: whether no worker can have read an event `e`, nor reads it before this statement's commit. */
const IS_RELEASABLE = `e.state = 'held' and e.checkout_token is not null
  and e.next_at > clock_timestamp() + interval '${RELEASE_MARGIN_SECONDS} seconds'`;

/** Together they leave time for the commit within the margin. */
export const JOIN_LIMITS = { statementTimeoutMs: 1_000, lockTimeoutMs: 500 };

/**
 * Releases held orders whose visit is complete, or whose shopper refuses by now: an order takes the
 * browser's event id and evidence and is sent at once, or is skipped and loses its payload. Whoever
 * commits a visit or a held order calls it afterwards, so that the later one finds the other. An
 * order whose time is over keeps its own id: it may have been sent under it. A visit of the cart,
 * or under the order's number alone, only refuses, and only where the browser told nothing of the
 * checkout itself. Returns how many.
 */
export async function releaseHeld(
  services: ReleaseServices,
  visits: readonly HeldFor[],
): Promise<number> {
  const { rows } = await services.db.pool.query<HeldRow>({
    name: "find-held",
    text: `select e.id, e.kind, e.source_key, s.domain as shop_domain, p.body as payload, p.notes,
        case when c.state = 'active' then e.ad_account_id end as active_account, ${VISIT_COLUMNS}
      from (select distinct shop_id, visit_key from unnest($1::bigint[], $2::text[])
        a (shop_id, visit_key)) asked
      join visit v using (shop_id, visit_key)
      cross join lateral (
        select id from event e where e.shop_id = v.shop_id and v.visit_key like 'checkout:%'
          and e.checkout_token = substr(v.visit_key, 10) and ${IS_RELEASABLE}
          and (v.completed_event_id is not null or v.is_refused)
        union all
        select id from event e where e.shop_id = v.shop_id and v.visit_key like 'cart:%'
          and e.cart_token = substr(v.visit_key, 6) and ${IS_RELEASABLE} and v.is_refused
          and not exists (select from visit own where own.shop_id = e.shop_id
            and own.visit_key = 'checkout:' || e.checkout_token)
        union all
        select e.id from shop s join event e on e.lane = s.lane and e.shop_id = s.id
            and e.kind = 'checkout' and e.source_key = substr(v.visit_key, 7)
          where s.id = v.shop_id and v.visit_key like 'order:%' and ${IS_RELEASABLE} and v.is_refused
            and not exists (select from visit own where own.shop_id = e.shop_id
              and own.visit_key = 'checkout:' || e.checkout_token)) held
      join event e on e.id = held.id
      join shop s on s.id = e.shop_id
      join event_payload p on p.drop_on = e.payload_drop_on and p.event_ref = e.id
      left join connection c on c.shop_id = e.shop_id
      order by e.id`,
    values: [visits.map(({ shopId }) => shopId.toString()), visits.map(({ key }) => key)],
  });
  const shopIds = rows.map((row) => row.shop_id);
  const keys = await services.keyring.ensure(services.db.pool, shopIds);
  const releases = rows.flatMap((row) => joinRow(services, keys, row) ?? []);
  if (releases.length === 0) return 0;
  const released = await services.db.transaction(async (client) => {
    const [changed] = await Promise.all([
      client.query<{ id: bigint }>({
        name: "release-held",
        text: RELEASE,
        values: packJoins(releases),
      }),
      commit(client),
    ]);
    return changed.rows;
  }, JOIN_LIMITS);
  services.waker.wake(freshByAccount(releases, new Set(released.map(({ id }) => id))));
  return released.length;
}

interface Join<Row> {
  row: Row;
  joined: ReleasedEvent;
  /** The new payload; null where the shopper refuses. */
  body: Buffer | null;
}

/** Null, and logged, where the payload or the visit cannot be read: the event goes as it is. */
export function joinRow<Row extends WaitingRow>(
  { log, join }: Pick<ReleaseServices, "log" | "join">,
  keys: DataKeys,
  row: Row,
): Join<Row> | null {
  const visit = readVisitRow({ keys, log }, row);
  if (visit === null) return null;
  const identity = payloadIdentity(row.shop_id, row.kind, row.source_key);
  try {
    const event = JSON.parse(keys.decrypt(row.payload, identity).toString("utf8"));
    const joined = join({ event, notes: row.notes, shopDomain: row.shop_domain }, visit);
    const isRefused = (joined.choice?.refusal ?? null) !== null;
    const body = isRefused
      ? null
      : keys.encrypt(row.shop_id, JSON.stringify(joined.event), identity);
    return { row, joined, body };
  } catch (error) {
    log.error(
      { err: error, shopId: String(row.shop_id) },
      "a waiting event was not joined to its visit",
    );
    return null;
  }
}

/** The database runs the last of the parts that no other reads first: counters come after everything else. */
const RELEASE = `with given as materialized (select * from json_to_recordset($1) as r(id bigint,
      event_id text, key_bits integer, consent text, reason text, notes text,
      from_byte integer, bytes integer)),
    free as materialized (select e.id, e.payload_drop_on as drop_on
      from event e join given using (id) where ${IS_RELEASABLE}
      order by e.id for no key update of e),
    changed as (update event e set checkout_token = null, cart_token = null, next_at = now(),
        reason = given.reason,
        state = case when given.reason is null then 'pending' else 'skipped' end,
        settled_at = case when given.reason is not null then now() end,
        event_id = case when given.reason is null then given.event_id else e.event_id end,
        id_source = case when given.reason is null then 'browser' else e.id_source end,
        key_bits = case when given.reason is null then given.key_bits else 0 end,
        consent = coalesce(given.consent, e.consent),
        payload_drop_on = case when given.reason is null then e.payload_drop_on end
      from free join given using (id) where e.id = free.id
      returning e.id, free.drop_on, e.shop_id, e.kind, e.source, e.state, e.reason, e.event_time,
        given.notes, given.from_byte, given.bytes),
    counts as (${addCountsSql(`select shop_id, ${bucketStartSql("event_time")}, kind, source, s.state,
      s.reason, sum(s.n) from changed cross join lateral
        (values ('held', '', -1), (changed.state, coalesce(changed.reason, ''), 1)) s (state, reason, n)
      group by 1, 2, 3, 4, 5, 6`)}),
    joined as (update event_payload p set notes = changed.notes,
        body = substring($2::bytea from changed.from_byte for changed.bytes)
      from changed where changed.bytes is not null and p.drop_on = changed.drop_on
        and p.event_ref = changed.id),
    refused as (delete from event_payload p using changed
      where changed.bytes is null and p.drop_on = changed.drop_on and p.event_ref = changed.id)
  select id from changed`;

/** The records of a statement, and the payloads as one value, which the database cuts up. */
export function packJoins(joins: readonly Join<WaitingRow>[]): [string, Buffer] {
  let next = 1;
  const records = joins.map(({ row, joined, body }) => {
    const from = next;
    next += body?.length ?? 0;
    return {
      id: row.id.toString(),
      event_id: joined.event.event_id,
      key_bits: joined.keyBits,
      consent: joined.choice?.record ?? null,
      reason: joined.choice?.refusal ?? null,
      notes: joined.notes,
      from_byte: from,
      bytes: body?.length ?? null,
    };
  });
  return [JSON.stringify(records), Buffer.concat(joins.flatMap(({ body }) => body ?? []))];
}

function freshByAccount(releases: readonly Join<HeldRow>[], released: ReadonlySet<bigint>) {
  const fresh = new Map<string, number>();
  for (const { row, body } of releases) {
    if (body === null || row.active_account === null || !released.has(row.id)) continue;
    const share = (fresh.get(row.active_account) ?? 0) + shareOfBatch(body.length);
    fresh.set(row.active_account, share);
  }
  return fresh satisfies FreshByAccount;
}
