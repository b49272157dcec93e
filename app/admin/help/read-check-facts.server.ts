import type { Prisma } from "#prisma/client/client.ts";

/** What the checks go by, beside what is known to be amiss. */
export interface CheckFacts {
  adAccountId: string | null;
  lastWebhookAt: Date | null;
  idsConfirmedAt: Date | null;
  acceptedAt: Date | null;
  /** Requests in 24 hours. */
  requests: number;
  waiting: number;
  /** Purchases in 7 days, and how many of them came with an email, a phone or a name. */
  purchases: number;
  withCustomer: number;
  scoredAt: Date | null;
}

interface Row {
  ad_account_id: string | null;
  last_webhook_at: Date | null;
  product_ids_confirmed_at: Date | null;
  accepted_at: Date | null;
  requests: bigint;
  waiting: bigint;
  purchases: bigint;
  with_customer: bigint;
  scored_at: Date | null;
}

/** The latest purchases that the share of those with customer details is told by. */
const LATEST = 50;

/** `customerBits`: the match keys that only customer details give. Within a `readAsShop`. */
export async function readCheckFacts(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  customerBits: number,
): Promise<CheckFacts> {
  const rows = await tx.$queryRaw<Row[]>`
    with latest as (select key_bits from event
        where shop_id = ${shopId} and kind = 'checkout' and source <> 'task'
          and event_time > extract(epoch from now() - interval '7 days')::bigint
          and (state <> 'skipped' or reason = 'no_match_key')
        order by event_time desc, id desc limit ${LATEST})
    select c.ad_account_id, s.last_webhook_at, s.product_ids_confirmed_at,
      (select a.started_at from attempt a where a.shop_id = ${shopId} and a.outcome = 'outcomes'
        order by a.id desc limit 1) as accepted_at,
      (select count(*) from attempt a where a.shop_id = ${shopId}
        and a.made_on >= current_date - 1 and a.started_at > now() - interval '24 hours') as requests,
      (select coalesce(sum(n), 0)::bigint from count_bucket where shop_id = ${shopId}
        and state in ('held', 'pending') and bucket > now() - interval '8 days') as waiting,
      (select count(*) from latest) as purchases,
      (select count(*) from latest where key_bits & ${customerBits}::integer <> 0) as with_customer,
      (select max(fetched_at) from quality_snapshot where shop_id = ${shopId}) as scored_at
    from shop s left join connection c on c.shop_id = s.id where s.id = ${shopId}`;
  const row = rows[0] as Row;
  return {
    adAccountId: row.ad_account_id,
    lastWebhookAt: row.last_webhook_at,
    idsConfirmedAt: row.product_ids_confirmed_at,
    acceptedAt: row.accepted_at,
    requests: Number(row.requests),
    waiting: Number(row.waiting),
    purchases: Number(row.purchases),
    withCustomer: Number(row.with_customer),
    scoredAt: row.scored_at,
  };
}
