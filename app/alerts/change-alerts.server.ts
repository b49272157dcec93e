import type { PoolClient } from "pg";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import { parseStoredSettings } from "#app/shops/settings/read-settings.server.ts";
import type { AlertFacts, Phase } from "./alert.server.ts";
import { type Cause, findCause } from "./causes.server.ts";
import { addressKey, type Channel, listDestinations } from "./destinations.server.ts";

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
    const begun = { id: alert.id, shopId, cause, phase: "begun", hasMail } as const;
    if (!(await addMessages(client, begun))) {
      await client.query("update alert set switched_off = true where id = $1", [
        alert.id.toString(),
      ]);
    }
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
    await client.query("update alert_message set address_digest = null where alert_id = $1", [
      alert.id.toString(),
    ]);
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
 * Tells the addresses that came into the settings since an alert began of it, while it lasts: what the
 * old address would have got is expected at the one that replaces it. Alerts that the merchant had
 * switched off when they began are left out.
 */
export async function tellNewcomers(
  { db, log }: { db: AlertDatabase; log: Logger },
  { hasMail }: { hasMail: boolean },
): Promise<void> {
  await workOnEach(
    { log },
    {
      job: "check-alerts",
      describe: ({ domain }) => ({ shop: domain }),
      readPage: (after, limit) => listUntold(db, { after, limit, hasMail }),
      work: ({ id, shop_id: shopId, cause }: UntoldAlert) =>
        db.transaction(async (client) => {
          // It may end meanwhile, and its begin must not follow its end.
          const { rowCount } = await client.query(
            "select from alert where id = $1 and ended_at is null for no key update",
            [id.toString()],
          );
          if (rowCount === 0) return;
          await addMessages(client, { id, shopId, cause, phase: "begun", hasMail });
        }),
    },
  );
}

interface UntoldAlert {
  id: bigint;
  shop_id: bigint;
  domain: string;
  cause: string;
}

async function listUntold(
  { pool }: AlertDatabase,
  { after, limit, hasMail }: { after: bigint; limit: number; hasMail: boolean },
): Promise<UntoldAlert[]> {
  const { rows } = await pool.query<UntoldAlert>(
    `select a.id, a.shop_id, s.domain, a.cause from alert a join shop s on s.id = a.shop_id
      cross join lateral (select array_agg(b.address_digest) filter (where b.state <> 'dropped') as digests,
          coalesce(bool_and(b.address_digest is not null), true) as are_known
        from alert_message b where b.alert_id = a.id and b.phase = 'begun') told
      where a.begun_at is not null and a.ended_at is null and not a.switched_off and a.id > $1
        and s.state = 'installed' and told.are_known and exists (
          select from (
            select 'webhook' as channel, jsonb_array_elements_text(s.settings->'alert_webhook_url') as address
            union all
            select 'email', jsonb_array_elements_text(s.settings->'alert_emails') where $3) d
          where ${digestOf("a.id")} <> all (coalesce(told.digests, '{}')))
      order by a.id limit $2`,
    [after.toString(), limit, hasMail],
  );
  return rows;
}

/** SQL: a digest of the address of `d`, which tells who heard of an alert once the address is gone. */
function digestOf(alertId: string): string {
  return `encode(sha256(convert_to(${alertId} || ' ' || ${addressKey("d.channel", "d.address")}, 'UTF8')), 'hex')`;
}

/**
 * A message for each address, in the commit that changes the alert: neither is lost without the other.
 * The merchant's choice counts for begins alone. An end goes to all who heard the begin or will hear it.
 * Returns false where the merchant has switched it off.
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
): Promise<boolean> {
  const { rows } = await client.query<{ settings: unknown }>(
    "select settings from shop where id = $1",
    [shopId.toString()],
  );
  const settings = parseStoredSettings(rows[0]?.settings);
  const choice = findCause(cause)?.setting;
  if (phase === "begun" && choice !== undefined && settings[choice] === "off") return false;
  const destinations = listDestinations(settings, { hasMail });
  const channels: Channel[] = destinations.map(({ channel }) => channel);
  // A version before kept no digests: its begins are matched by their channel.
  await client.query(
    `insert into alert_message (alert_id, shop_id, phase, channel, address, address_digest)
      select a.id, $2, $3, d.channel, d.address, case when a.ended_at is null then ${digestOf("a.id")} end
      from unnest($4::text[], $5::text[]) as d (channel, address), alert a
      where a.id = $1 and ($3 = 'begun') <> exists (
        select from alert_message b where b.alert_id = a.id and b.phase = 'begun'
          and coalesce(b.address_digest = ${digestOf("a.id")}, b.channel = d.channel)
          and b.state <> 'dropped' and ($3 = 'begun' or b.state <> 'failed'))`,
    [id.toString(), shopId.toString(), phase, channels, destinations.map(({ address }) => address)],
  );
  return true;
}

const KEPT_DAYS = 90;
const PAGE = 5_000;

/** Ends the alerts of shops that have left, without a message, and deletes what is old. */
export async function tidyAlerts({ db }: { db: AlertDatabase }, now: Date): Promise<void> {
  await db.pool.query(
    `with ended as (
        update alert a set ended_at = greatest($1, begun_at) from shop s
          where a.ended_at is null and s.id = a.shop_id and s.state <> 'installed' returning a.id)
      update alert_message m set address_digest = null from ended
        where m.alert_id = ended.id and m.address_digest is not null`,
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
  await db.pool.query("delete from alert_test where free_at < now()");
}
