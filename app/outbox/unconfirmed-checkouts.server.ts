import { INCOMPLETE_REASONS, type SkipReason } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";

/** A checkout that a browser told as completed, without an event of its order. */
export interface UnconfirmedCheckout {
  completedEventId: string;
  /** Null where the browser told none. */
  checkoutToken: string | null;
  orderId: string | null;
  /** How often Shopify was asked for its order. */
  checks: number;
}

/** The most checkouts of all shops that are looked up in one statement. */
const PAGE = 3_000;

const REASONS: readonly SkipReason[] = [...INCOMPLETE_REASONS, "consent_unknown"];
/** SQL: whether an event `e` is a purchase that the order itself may not change any more. */
const IS_DECIDED = `e.kind = 'checkout' and not (e.state = 'skipped'
  and e.reason in (${REASONS.map((reason) => `'${reason}'`).join(", ")}))`;

/**
 * Ends the checks of checkouts whose order has an event: nearly all, and Shopify is not asked about
 * them. One checkout has a row for each key that it is known by. `shopId`: of that shop alone, which
 * invented checkouts of another do not hold up. Returns how many rows it ended.
 */
export async function closeConfirmed(
  { db }: { db: Pick<Database, "pool"> },
  shopId: bigint | null = null,
): Promise<number> {
  const { rowCount } = await db.pool.query(
    `with due as materialized (select v.shop_id, v.visit_key, v.completed_event_id, s.lane
        from visit v join shop s on s.id = v.shop_id where v.check_at <= now()
          and ($1::bigint is null or v.shop_id = $1)
        order by v.check_at, v.shop_id, v.completed_event_id limit ${PAGE}),
      decided as materialized (select distinct shop_id, completed_event_id from due
        where exists (select from event e where e.shop_id = due.shop_id
            and e.event_id = due.completed_event_id and ${IS_DECIDED})
          or exists (select from event e where e.lane = due.lane and e.shop_id = due.shop_id
            and due.visit_key like 'order:%' and e.source_key = substr(due.visit_key, 7)
            and ${IS_DECIDED})),
      free as materialized (select v.shop_id, v.visit_key from visit v
        join due using (shop_id, visit_key)
        join decided d on d.shop_id = due.shop_id and d.completed_event_id = due.completed_event_id
        order by v.shop_id, v.visit_key for no key update of v skip locked)
      update visit v set check_at = null from free
      where v.shop_id = free.shop_id and v.visit_key = free.visit_key`,
    [shopId?.toString() ?? null],
  );
  return rowCount ?? 0;
}

/** Installed shops with a checkout to ask Shopify about, by id. */
export async function listUnconfirmedShops(
  { db }: { db: Pick<Database, "pool"> },
  { after, limit }: { after: bigint; limit: number },
): Promise<{ id: bigint; domain: string }[]> {
  const { rows } = await db.pool.query<{ id: bigint; domain: string }>(
    `select id, domain from shop where state = 'installed' and id > $1
        and id in (select shop_id from visit where check_at <= now())
      order by id limit $2`,
    [after.toString(), limit],
  );
  return rows;
}

/** The shop's checkouts to ask about now, the longest waiting first. */
export async function listUnconfirmed(
  { db }: { db: Pick<Database, "pool"> },
  shopId: bigint,
  limit: number,
): Promise<UnconfirmedCheckout[]> {
  const { rows } = await db.pool.query<UnconfirmedCheckout>(
    `select completed_event_id as "completedEventId", max(checks)::integer as checks,
        max(substr(visit_key, 10)) filter (where visit_key like 'checkout:%') as "checkoutToken",
        max(substr(visit_key, 7)) filter (where visit_key like 'order:%') as "orderId"
      from visit where shop_id = $1 and check_at <= now() and completed_event_id is not null
      group by completed_event_id order by min(check_at) limit $2`,
    [shopId.toString(), limit],
  );
  return rows;
}

/** When a checkout is checked again, in minutes; null: not any more. */
export async function setNextCheck(
  { db }: { db: Pick<Database, "pool"> },
  shopId: bigint,
  { completedEventId, checks }: Pick<UnconfirmedCheckout, "completedEventId" | "checks">,
  minutes: number | null,
): Promise<void> {
  await db.pool.query(
    `update visit v set checks = $3, check_at = now() + make_interval(mins => $4)
      from (select shop_id, visit_key from visit
        where shop_id = $1 and completed_event_id = $2 and check_at is not null
        order by shop_id, visit_key for no key update) due
      where v.shop_id = due.shop_id and v.visit_key = due.visit_key`,
    [shopId.toString(), completedEventId, checks, minutes],
  );
}
