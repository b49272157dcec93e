import type { PoolClient } from "pg";

/** SQL: the shop's events whose body may go; what still waits to be sent needs its own. */
const SETTLED =
  "e.shop_id = $1 and e.payload_drop_on is not null and e.state not in ('held', 'pending')";

export interface ShortenedPayloads {
  /** Bodies that are gone. */
  deleted: number;
  /** Bodies that go earlier than they would have. */
  moved: number;
}

/**
 * Deletes the bodies of the shop that are older than so many days, and gives the younger ones the
 * day on which they go, in the caller's transaction. Bodies that go earlier anyway are left.
 */
export async function shortenPayloads(
  client: PoolClient,
  shopId: bigint,
  days: number,
): Promise<ShortenedPayloads> {
  // In the order of their ids, as whoever settles does: two orders would deadlock.
  await client.query(`select from event e where ${SETTLED} order by e.id for update`, [shopId]);
  const values = [shopId, days];
  const isOld = "e.created_at < now() - make_interval(days => $2::integer)";
  const newDay = "(e.created_at at time zone 'UTC')::date + $2::integer + 1";
  const deleted = await client.query(
    `delete from event_payload p using event e
      where p.drop_on = e.payload_drop_on and p.event_ref = e.id
        and ${SETTLED} and ${isOld}`,
    values,
  );
  await client.query(
    `update event e set payload_drop_on = current_date
      where ${SETTLED} and ${isOld} and e.payload_drop_on > current_date`,
    values,
  );
  const moved = await client.query(
    `update event_payload p set drop_on = ${newDay} from event e
      where p.drop_on = e.payload_drop_on and p.event_ref = e.id
        and ${SETTLED} and not ${isOld} and p.drop_on > ${newDay}`,
    values,
  );
  await client.query(
    `update event e set payload_drop_on = ${newDay}
      where ${SETTLED} and not ${isOld} and e.payload_drop_on > ${newDay}`,
    values,
  );
  return { deleted: deleted.rowCount ?? 0, moved: moved.rowCount ?? 0 };
}
