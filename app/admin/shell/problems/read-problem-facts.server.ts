import type { AlertFacts } from "#app/alerts/alert.server.ts";
import type { Prisma } from "#prisma/client/client.ts";
import { type BrowserFacts, readBrowserFacts } from "./browser-problems.server.ts";

/** What is known of a shop's connection and of what waits. */
export interface ProblemFacts {
  shop: { scopes: string; billing: { endsAt: Date | null } | null };
  connection: ConnectionFacts | null;
  /** Events that wait to be sent, of every kind. */
  waiting: number;
  /** When the oldest of them happened. */
  oldestWaitingAt: Date | null;
  /** When the oldest one happened that should have been sent by now. */
  oldestOverdueAt: Date | null;
  /** Requests with events that still wait, the latest first. */
  attempts: { startedAt: Date; outcome: string }[];
  /** Rejected events of the last 7 days. */
  refused: { kind: string; reason: string | null; n: number }[];
  /** Events that expired in the last 7 days, by whether they were ever sent. */
  expired: { wasTried: boolean; n: number }[];
  /** Purchases of the store in 7 days, test orders left out. */
  purchases: { all: number; unmatched: number };
  /** The counts of the last hour, all kinds of event together. */
  lastHour: { accepted: number; rejected: number };
  /** Key bits of the latest purchases in the online store that were to be sent. */
  webKeyBits: number[];
  browser: BrowserFacts;
  /** The open alerts, the oldest first. */
  alerts: { cause: string; facts: AlertFacts }[];
}

export interface ConnectionFacts {
  state: "active" | "paused";
  pauseReason: string | null;
  pausedAt: Date;
  pausedBy: string | null;
  adAccountId: string;
  accountName: string | null;
  kind: "pasted" | "sign_in";
  endsAt: Date | null;
  renewalFailedAt: Date | null;
  /** The fault's text, from Pinterest or from us. */
  trouble: string | null;
  troubleDetail: string | null;
  /** No request for the ad account before this. */
  notBefore: Date | null;
}

type Tx = Prisma.TransactionClient;

/** A list that is read to its end can grow without bound: these are the most that are looked at. */
const MOST_ROWS = 5_000;
const MOST_RECENT = 2_000;

/** Within a `readAsShop`. */
export async function readProblemFacts(tx: Tx, shopId: bigint): Promise<ProblemFacts> {
  const shop = await readShop(tx, shopId);
  const counts = await readCounts(tx, shopId);
  const since = counts.oldest_bucket;
  return {
    ...shop,
    waiting: Number(counts.waiting),
    ...(since === null
      ? { oldestWaitingAt: null, oldestOverdueAt: null, attempts: [] }
      : {
          oldestWaitingAt: await readOldest(tx, shopId, since),
          oldestOverdueAt: await readOverdue(tx, shopId, since),
          attempts: await readAttempts(tx, shopId, since),
        }),
    refused: await readRefused(tx, shopId),
    expired: await readExpired(tx, shopId),
    purchases: { all: Number(counts.purchases), unmatched: Number(counts.unmatched) },
    lastHour: { accepted: Number(counts.accepted), rejected: Number(counts.rejected) },
    webKeyBits: await readWebKeyBits(tx, shopId),
    browser: await readBrowserFacts(tx, shopId),
    alerts: await readAlerts(tx, shopId),
  };
}

async function readShop(
  tx: Tx,
  shopId: bigint,
): Promise<Pick<ProblemFacts, "shop" | "connection">> {
  const shop = await tx.shop.findUniqueOrThrow({
    where: { id: shopId },
    select: { scopes: true, connection: true, billing: { select: { endsAt: true } } },
  });
  const { connection } = shop;
  if (connection === null) return { shop, connection: null };
  const account = await tx.$queryRaw<{ not_before: Date | null }[]>`
    select case when isfinite(not_before) then not_before end as not_before from due_account
    where ad_account_id = ${connection.adAccountId}`;
  return {
    shop,
    connection: {
      state: connection.state as ConnectionFacts["state"],
      pauseReason: connection.pauseReason,
      pausedAt: connection.pausedAt ?? connection.updatedAt,
      pausedBy: connection.pausedBy,
      adAccountId: connection.adAccountId,
      accountName: connection.accountName,
      kind: connection.kind as ConnectionFacts["kind"],
      endsAt: connection.refreshExpiresAt ?? connection.tokenExpiresAt,
      renewalFailedAt: connection.renewalFailedAt,
      trouble: connection.trouble,
      troubleDetail: connection.troubleDetail,
      notBefore: account[0]?.not_before ?? null,
    },
  };
}

interface Counts {
  waiting: bigint;
  oldest_bucket: Date | null;
  purchases: bigint;
  unmatched: bigint;
  accepted: bigint;
  rejected: bigint;
}

async function readCounts(tx: Tx, shopId: bigint): Promise<Counts> {
  // Nothing waits longer than the seven days in which Pinterest takes an event.
  const rows = await tx.$queryRaw<Counts[]>`
    select coalesce(sum(n) filter (where is_waiting), 0)::bigint as waiting,
      min(bucket) filter (where is_waiting) as oldest_bucket,
      coalesce(sum(n) filter (where is_purchase), 0)::bigint as purchases,
      coalesce(sum(n) filter (where is_purchase and reason = 'no_match_key'), 0)::bigint as unmatched,
      coalesce(sum(n) filter (where is_now and state = 'accepted'), 0)::bigint as accepted,
      coalesce(sum(n) filter (where is_now and state = 'rejected'), 0)::bigint as rejected
    from (select *, state in ('held', 'pending') as is_waiting,
        kind = 'checkout' and source <> 'task' and reason <> 'test_order'
          and bucket > now() - interval '7 days' as is_purchase,
        bucket > now() - interval '75 minutes' as is_now
      from count_bucket
      where shop_id = ${shopId} and bucket > now() - interval '8 days' and n > 0) counted`;
  return rows[0] as Counts;
}

async function readOldest(tx: Tx, shopId: bigint, since: Date): Promise<Date | null> {
  const from = BigInt(since.getTime() / 1_000);
  const rows = await tx.$queryRaw<{ at: Date }[]>`
    select to_timestamp(event_time) as at from event
    where shop_id = ${shopId} and state in ('held', 'pending') and event_time >= ${from}
    order by event_time, id limit 1`;
  return rows[0]?.at ?? null;
}

/**
 * Events that wait although they were due: not those sent by hand with an old time, nor those
 * requeued a moment ago.
 */
async function readOverdue(tx: Tx, shopId: bigint, since: Date): Promise<Date | null> {
  const from = BigInt(since.getTime() / 1_000);
  const rows = await tx.$queryRaw<{ at: Date }[]>`
    select to_timestamp(event_time) as at from event
    where shop_id = ${shopId} and state in ('held', 'pending') and source <> 'task'
      and event_time >= ${from} and event_time < extract(epoch from now())::bigint
      and (attempts > 0 or next_at < now() - interval '1 minute')
    order by event_time, id limit 1`;
  return rows[0]?.at ?? null;
}

async function readAttempts(
  tx: Tx,
  shopId: bigint,
  since: Date,
): Promise<ProblemFacts["attempts"]> {
  const from = BigInt(since.getTime() / 1_000);
  return tx.$queryRaw<ProblemFacts["attempts"]>`
    select a.started_at as "startedAt", a.outcome from attempt a
    where a.shop_id = ${shopId} and a.made_on > current_date - 8 and a.id in (
      select unnest(attempt_ids) from (select attempt_ids from event
        where shop_id = ${shopId} and state in ('held', 'pending') and event_time >= ${from}
          and attempt_ids <> '{}'
        order by event_time, id limit 50) waiting)
    order by a.id desc limit 100`;
}

async function readRefused(tx: Tx, shopId: bigint): Promise<ProblemFacts["refused"]> {
  const rows = await tx.$queryRaw<{ kind: string; reason: string | null; n: bigint }[]>`
    select kind, reason, count(*) as n from (select kind, reason from event
      where shop_id = ${shopId} and state = 'rejected'
        and event_time > extract(epoch from now() - interval '7 days')::bigint
      order by event_time desc, id desc limit ${MOST_ROWS}) refused
    group by kind, reason order by n desc, reason`;
  return rows.map((row) => ({ ...row, n: Number(row.n) }));
}

async function readExpired(tx: Tx, shopId: bigint): Promise<ProblemFacts["expired"]> {
  const rows = await tx.$queryRaw<{ was_tried: boolean; n: bigint }[]>`
    select was_tried, count(*) as n from (select attempts > 0 as was_tried from event
      where shop_id = ${shopId} and state = 'expired' and settled_at > now() - interval '7 days'
        and event_time > extract(epoch from now() - interval '15 days')::bigint
      order by event_time desc, id desc limit ${MOST_ROWS}) expired
    group by was_tried order by n desc`;
  return rows.map((row) => ({ wasTried: row.was_tried, n: Number(row.n) }));
}

async function readAlerts(tx: Tx, shopId: bigint): Promise<ProblemFacts["alerts"]> {
  return tx.$queryRaw<ProblemFacts["alerts"]>`
    select cause, facts from alert
    where shop_id = ${shopId} and ended_at is null and begun_at is not null order by begun_at, id`;
}

async function readWebKeyBits(tx: Tx, shopId: bigint): Promise<number[]> {
  const rows = await tx.$queryRaw<{ key_bits: number }[]>`
    select key_bits from (select kind, source, state, reason, key_bits from event
      where shop_id = ${shopId} and event_time > extract(epoch from now() - interval '7 days')::bigint
      order by event_time desc, id desc limit ${MOST_RECENT}) latest
    where kind = 'checkout' and source = 'web' and (state <> 'skipped' or reason = 'no_match_key')
    limit 50`;
  return rows.map((row) => row.key_bits);
}
