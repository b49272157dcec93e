import type { Database } from "#app/platform/db.server.ts";

const CHUNK = 250_000;
/** Events are spread over this many days: one day less than they are kept. */
export const SEEDED_DAYS = 89;

/**
 * A shop with very many events: spread evenly over the days for which they are kept, four fifths
 * purchases, and of each state about as many as a healthy shop has. The newest happened a minute ago.
 */
export async function seedManyEvents(
  { upkeep }: Pick<Database, "upkeep">,
  shop: { id: bigint; lane: number; adAccountId: string },
  count: number,
): Promise<void> {
  for (let from = 0; from < count; from += CHUNK) {
    await upkeep.pool.query(INSERT, [
      shop.id.toString(),
      shop.lane,
      shop.adAccountId,
      from,
      Math.min(from + CHUNK, count) - 1,
      (SEEDED_DAYS * 86_400) / count,
    ]);
  }
  await upkeep.pool.query(COUNT, [shop.id.toString()]);
  await upkeep.pool.query("vacuum analyze event, count_bucket");
}

const INSERT = `insert into event (lane, shop_id, kind, source_key, event_id, id_source, source, order_id,
    order_name, state, reason, action_source, event_time, value, currency, key_bits, consent,
    settings_version, ad_account_id, attempts, next_at, created_at, settled_at)
  select $2::smallint, $1::bigint, kind, i::text, kind || '-' || (5000000000000 + i), id_source, source,
    case when kind = 'checkout' then (5000000000000 + i)::text end,
    case when kind = 'checkout' then '#' || (1000 + i) end,
    state, case state when 'skipped' then 'test_order' when 'rejected' then 'currency missing' end, 'web',
    extract(epoch from at)::bigint, case when kind = 'checkout' then '72.39' end,
    case when kind = 'checkout' then 'USD' end, 1 + 8192 * (i % 2)::integer + 16384 * (i % 2)::integer,
    'allowed:consent.default', 1, $3, case when state = 'skipped' then 0 else 1 end, at, at,
    case when state <> 'pending' then at + interval '38 seconds' end
  from (
    select i, now() - interval '1 minute' - i * $6::float8 * interval '1 second' as at,
      case i % 10 when 0 then 'signup' when 1 then 'initiate_checkout' else 'checkout' end as kind,
      case when i % 16 = 0 then 'order' else 'browser' end as id_source,
      case when i % 20 = 0 then 'pos' else 'web' end as source,
      case when i % 1000 = 7 then 'rejected' when i % 5000 = 9 then 'expired' when i % 40 = 3 then 'skipped'
        when i < 5 then 'pending' else 'accepted' end as state
    from generate_series($4::bigint, $5::bigint) i
  ) made`;

const COUNT = `insert into count_bucket (shop_id, bucket, kind, source, state, reason, n)
  select shop_id, to_timestamp(event_time - event_time % 900), kind, source, state,
    case when state = 'skipped' then reason else '' end, count(*)
  from event where shop_id = $1 group by 1, 2, 3, 4, 5, 6`;
