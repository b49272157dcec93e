import type { PoolClient } from "pg";
import type { Database } from "#app/platform/db.server.ts";
import { parseStoredSettings } from "#app/shops/settings/read-settings.server.ts";
import type { AlertFacts, Phase } from "./alert.server.ts";
import { type Cause, findCause } from "./causes.server.ts";
import { type Channel, listDestinations } from "./destinations.server.ts";

type AlertDatabase = Pick<Database, "pool" | "transaction">;

interface Change {
  shopId: bigint;
  cause: string;
  now: Date;
}

/**
 * Has a cause that was found begin, or only noticed where it has to be seen twice. Returns whether
 * it began: not where it lasts already, nor shortly after it ended.
 */
export async function beginAlert(
  { db }: { db: AlertDatabase },
  { shopId, cause, now }: Change,
  { rule, facts, hasMail }: { rule: Cause; facts: AlertFacts; hasMail: boolean },
): Promise<boolean> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ id: bigint; has_begun: boolean }>(
      `insert into alert (shop_id, cause, facts, noticed_at, begun_at)
        select $1, $2, $3, $4, case when $5 then null else $4::timestamptz end
        where not exists (select from alert where shop_id = $1 and cause = $2
          and ended_at > $4::timestamptz - make_interval(mins => $6))
        on conflict (shop_id, cause) where ended_at is null
          do update set begun_at = excluded.noticed_at, facts = excluded.facts
          where alert.begun_at is null
        returning id, begun_at is not null as has_begun`,
      [
        shopId.toString(),
        cause,
        JSON.stringify(facts),
        now,
        rule.isConfirmed ?? false,
        rule.restMinutes ?? 0,
      ],
    );
    const [alert] = rows;
    if (alert === undefined || !alert.has_begun) return false;
    await addMessages(client, { id: alert.id, shopId, cause, phase: "begun", hasMail });
    return true;
  });
}

/** Ends one that lasts; one that was only noticed has never been. Returns whether it ended. */
export async function endAlert(
  { db }: { db: AlertDatabase },
  { shopId, cause, now }: Change,
  { hasMail }: { hasMail: boolean },
): Promise<boolean> {
  return db.transaction(async (client) => {
    const open = "shop_id = $1 and cause = $2 and ended_at is null";
    const values = [shopId.toString(), cause];
    await client.query(`delete from alert where ${open} and begun_at is null`, values);
    const { rows } = await client.query<{ id: bigint }>(
      `update alert set ended_at = greatest($3, begun_at) where ${open} returning id`,
      [...values, now],
    );
    const [alert] = rows;
    if (alert === undefined) return false;
    await addMessages(client, { id: alert.id, shopId, cause, phase: "ended", hasMail });
    return true;
  });
}

/** Has a summary sent, once a day of the shop: its alert begins and ends with it. */
export async function addSummary(
  { db }: { db: AlertDatabase },
  { shopId, cause, now }: Change,
  { dayBegan, facts, hasMail }: { dayBegan: Date; facts: AlertFacts; hasMail: boolean },
): Promise<boolean> {
  return db.transaction(async (client) => {
    // On its own: a statement that waits for the row looks for alerts as they were before it waited.
    await client.query("select from shop where id = $1 for no key update", [shopId.toString()]);
    const { rows } = await client.query<{ id: bigint }>(
      `insert into alert (shop_id, cause, facts, noticed_at, begun_at, ended_at)
        select $1, $2, $3, $4::timestamptz, $4, $4
        where not exists (select from alert where shop_id = $1 and cause = $2 and ended_at >= $5)
        returning id`,
      [shopId.toString(), cause, JSON.stringify(facts), now, dayBegan],
    );
    const [alert] = rows;
    if (alert === undefined) return false;
    await addMessages(client, { id: alert.id, shopId, cause, phase: "begun", hasMail });
    return true;
  });
}

/**
 * A message for each address, in the commit that changes the alert: neither is lost without the other.
 * The merchant's choice is of begins. Its end goes to the channels that its begin reached, or may yet:
 * by channel, since a message that is done keeps no address. Who was added to one meanwhile is told too.
 */
async function addMessages(
  client: PoolClient,
  {
    id,
    shopId,
    cause,
    phase,
    hasMail,
  }: { id: bigint; shopId: bigint; cause: string; phase: Phase; hasMail: boolean },
): Promise<void> {
  const { rows } = await client.query<{ settings: unknown }>(
    "select settings from shop where id = $1",
    [shopId.toString()],
  );
  const settings = parseStoredSettings(rows[0]?.settings);
  const choice = findCause(cause)?.setting;
  if (phase === "begun" && choice !== undefined && settings[choice] === "off") return;
  const destinations = listDestinations(settings, { hasMail });
  const channels: Channel[] = destinations.map(({ channel }) => channel);
  await client.query(
    `insert into alert_message (alert_id, shop_id, phase, channel, address)
      select $1, $2, $3, d.channel, d.address from unnest($4::text[], $5::text[]) as d (channel, address)
      where $3 = 'begun' or exists (select from alert_message b where b.alert_id = $1
        and b.phase = 'begun' and b.channel = d.channel and b.state not in ('dropped', 'failed'))`,
    [id.toString(), shopId.toString(), phase, channels, destinations.map(({ address }) => address)],
  );
}

const KEPT_DAYS = 90;
const PAGE = 5_000;

/** Ends the alerts of shops that have left, without a message, and deletes old ones. */
export async function tidyAlerts({ db }: { db: AlertDatabase }, now: Date): Promise<void> {
  await db.pool.query(
    `update alert a set ended_at = greatest($1, begun_at) from shop s
      where a.ended_at is null and s.id = a.shop_id and s.state <> 'installed'`,
    [now],
  );
  for (let page = PAGE; page === PAGE; ) {
    const { rowCount } = await db.pool.query(
      `delete from alert where id in (select id from alert
        where ended_at < $1::timestamptz - interval '${KEPT_DAYS} days' limit ${PAGE})`,
      [now],
    );
    page = rowCount ?? 0;
  }
}
