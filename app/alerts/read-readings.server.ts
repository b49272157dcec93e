import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Readings, RecentCounts, SlowReadings } from "./alert.server.ts";

/** What one check read of one shop, and which of its alerts last. */
export interface CheckedShop extends Readings {
  id: bigint;
  domain: string;
  open: { cause: string; isBegun: boolean }[];
}

interface Row {
  id: bigint;
  domain: string;
  installed_at: Date;
  connection:
    | (Omit<NonNullable<Readings["connection"]>, "endsAt" | "renewalFailedAt"> & Times)
    | null;
  open: CheckedShop["open"];
  recent: RecentCounts;
  slow: (Omit<SlowReadings, "expiring" | "sweep" | "sessionAt"> & SlowTimes) | null;
}

/** Times within JSON are text. */
interface Times {
  endsAt: string | null;
  renewalFailedAt: string | null;
}

interface SlowTimes {
  expiring: { n: number; firstAt: string | null; withinThreeDays: number };
  sweep: { result: string | null; sweptAt: string | null } | null;
  sessionAt: string | null;
}

/** A shop's slow readings are due at one check of so many: they read a day of counters for each week. */
export const SLOW_EVERY = 6;

const NOW = "$1::timestamptz";

/** SQL: quarters of an hour with events that wait and that no person put there. */
const WAITING = "b.n > 0 and b.state in ('held', 'pending') and b.source <> 'task'";

/**
 * Reads a page of installed shops by id. All numbers come from the counters by their key, shop and
 * quarter of an hour: no event is read. `slice`: which shops' slow readings are due; null: all.
 */
export async function readReadings(
  { db }: { db: Pick<Database, "transaction"> },
  now: Date,
  { after, limit, slice }: { after: bigint; limit: number; slice: number | null },
): Promise<CheckedShop[]> {
  const { rows } = await db.transaction(async (client) => {
    // Compiling so long a statement takes longer than it does.
    await client.query("set local jit = off");
    return client.query<Row>(READINGS, [now, after.toString(), limit, slice]);
  });
  return rows.map((row) => toShop(row, now));
}

const CONNECTION = `jsonb_build_object('state', c.state, 'pauseReason', c.pause_reason, 'kind', c.kind,
  'account', coalesce(c.account_name, c.ad_account_id), 'detail', c.trouble_detail,
  'endsAt', coalesce(c.refresh_expires_at, c.token_expires_at), 'renewalFailedAt', c.renewal_failed_at)`;

/** SQL: how many events Pinterest judged since then; summed only where it matters. */
const judgedSince = (since: string) => `(select coalesce(sum(b.n), 0) from count_bucket b
    where b.shop_id = p.id and b.n > 0 and b.state in ('accepted', 'rejected')
      and b.bucket > ${NOW} - interval '${since}' and b.bucket <= ${NOW})`;

// The state is a part of the key: rows of other states are left out without being read.
const LAST_HOURS = `select
    coalesce(sum(b.n) filter (where b.state = 'rejected' and b.is_now), 0) as rejected,
    coalesce(sum(b.n) filter (where b.state = 'rejected'), 0) as rejected_lately,
    coalesce(bool_or(${WAITING} and b.bucket <= ${NOW} - interval '45 minutes'), false) as has_late
  from (select *, bucket > ${NOW} - interval '75 minutes' as is_now from count_bucket
    where shop_id = p.id and bucket > ${NOW} - interval '3 hours' and bucket <= ${NOW} and n > 0
      and state in ('held', 'pending', 'rejected')) b`;

const RECENT = `jsonb_build_object('rejected', r.rejected,
  'judged', case when r.rejected > 0 or o.open @> '[{"cause":"events_rejected"}]'
    then ${judgedSince("75 minutes")} else 0 end,
  'rejectedLately', r.rejected_lately, 'hasLate', r.has_late,
  'stillWaits', case when o.open @> '[{"cause":"sending_late"}]' then exists (
    select from count_bucket b where b.shop_id = p.id and ${WAITING}
      and b.bucket between ${NOW} - interval '8 days' and ${NOW} - interval '30 minutes') end)`;

/** An event that happened then runs out now. */
const EDGE = `${NOW} - interval '${SENDABLE_SECONDS} seconds'`;

const ORDERS = `select jsonb_build_object(
    'short', jsonb_agg(n.short order by w), 'day', jsonb_agg(n.day order by w))
  from generate_series(0, 4) w
  cross join lateral (select date_bin('15 minutes', ${NOW}, timestamptz 'epoch') - w * interval '7 days' as at) ends
  cross join lateral (select coalesce(sum(b.n), 0) as day,
      coalesce(sum(b.n) filter (where b.bucket >= ends.at - interval '3 hours'), 0) as short
    from count_bucket b where b.shop_id = p.id and b.kind = 'checkout' and b.source <> 'task' and b.n > 0
      and b.reason <> 'test_order' and b.bucket >= ends.at - interval '24 hours' and b.bucket < ends.at) n`;

const EXPIRING = `select jsonb_build_object('n', coalesce(sum(b.n) filter (where b.is_near), 0),
    'firstAt', min(b.bucket) filter (where b.is_near) + interval '${SENDABLE_SECONDS} seconds',
    'withinThreeDays', coalesce(sum(b.n), 0))
  from (select *, bucket <= ${EDGE} + interval '1 day' as is_near from count_bucket b
    where b.shop_id = p.id and ${WAITING}
      and b.bucket > ${EDGE} and b.bucket <= ${EDGE}
        + case when o.open @> '[{"cause":"events_expiring"}]' then interval '3 days' else '1 day' end) b`;

const SLOW = `select jsonb_build_object('orders', (${ORDERS}), 'expiring', (${EXPIRING}),
  'day', (select jsonb_build_object('rejected', d.n,
      'judged', case when d.n > 0 then ${judgedSince("1 day")} else 0 end)
    from (select coalesce(sum(b.n), 0) as n from count_bucket b
      where b.shop_id = p.id and b.n > 0 and b.state = 'rejected'
        and b.bucket > ${NOW} - interval '1 day' and b.bucket <= ${NOW}) d),
  'sender', (select jsonb_build_object('tag', s.tag_id, 'sharesIds', s.shares_ids) from second_sender s
    where s.shop_id = p.id and s.kind = 'tag' and s.shares_ids is distinct from true
      and s.last_seen_at > ${NOW} - interval '7 days'
      and (s.tag_id = '' or s.tag_id is distinct from p.store_tag_id)
    order by s.shares_ids nulls last, s.last_seen_at desc limit 1),
  'sweep', (select jsonb_build_object('result', w.result, 'sweptAt', w.swept_at)
    from order_sweep w where w.shop_id = p.id),
  'sessionAt', (select max(x.updated_at) from shopify_session x where x.shop_domain = p.domain),
  'latePrivacyRequests', (select count(*) from compliance_request q where q.shop_domain = p.domain
    and q.state = 'recorded' and q.received_at < ${NOW} - interval '20 days'))`;

const READINGS = `with page as materialized (
        select id, domain, installed_at, store_tag_id,
          $4::integer is null or id % ${SLOW_EVERY} = $4 as is_slow
        from shop where state = 'installed' and id > $2 order by id limit $3)
      select p.id, p.domain, p.installed_at,
        (select ${CONNECTION} from connection c where c.shop_id = p.id) as connection,
        o.open, ${RECENT} as recent, case when p.is_slow then (${SLOW}) end as slow
      from page p
      cross join lateral (select coalesce(jsonb_agg(jsonb_build_object(
          'cause', a.cause, 'isBegun', a.begun_at is not null)), '[]') as open
        from alert a where a.shop_id = p.id and a.ended_at is null) o
      cross join lateral (${LAST_HOURS}) r
      order by p.id`;

function toShop({ installed_at, connection, slow, ...row }: Row, now: Date): CheckedShop {
  return {
    ...row,
    now,
    installedAt: installed_at,
    connection: connection && {
      ...connection,
      endsAt: toDate(connection.endsAt),
      renewalFailedAt: toDate(connection.renewalFailedAt),
    },
    slow: slow && {
      ...slow,
      expiring: { ...slow.expiring, firstAt: toDate(slow.expiring.firstAt) },
      sweep: slow.sweep && { ...slow.sweep, sweptAt: toDate(slow.sweep.sweptAt) },
      sessionAt: toDate(slow.sessionAt),
    },
  };
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
