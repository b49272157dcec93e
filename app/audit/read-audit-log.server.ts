import type { Pool, PoolClient } from "pg";
import { Prisma } from "#prisma/client/client.ts";

/** The subjects of audit entries, by which a reader can filter. */
export type AuditKind =
  | "settings"
  | "connection"
  | "pause"
  | "send_again"
  | "manual_send"
  | "reveal"
  | "tag"
  | "restore"
  | "key_rotation"
  | "api_key"
  | "billing"
  | "installation"
  | "privacy"
  | "other";

export interface AuditRow {
  id: bigint;
  at: Date;
  actor: string;
  action: string;
  kind: AuditKind;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  /** The settings from before it are kept. */
  is_restorable: boolean;
}

export interface AuditQuery {
  /** The value of `audit_entry.actor`. */
  person: string | null;
  kind: AuditKind | null;
  since: Date | null;
  /** Entries older, or newer, than the one with this id. */
  older: bigint | null;
  newer: bigint | null;
  limit: number;
}

/**
 * The kind of an entry of `audit_entry a`, from what was done and who did it: a person pauses, what
 * Pinterest or we ourselves do to a connection is a matter of the connection. A later version's
 * actions are `other` until they are named here.
 */
export const KIND_SQL = Prisma.raw(`case
  when a.action = 'settings.restore' then 'restore'
  when a.action like 'settings.%' or a.action = 'product_ids.confirm' then 'settings'
  when a.action in ('connection.pause', 'connection.resume')
    and a.actor not in ('system', 'shopify') then 'pause'
  when a.action like 'connection.%' then 'connection'
  when a.action in ('events.replay', 'event.rebuild', 'event.send_now', 'orders.reconcile') then 'send_again'
  when a.action like 'run.%' and coalesce(a.after ->> 'kind' in ('replay', 'reconcile'), false) then 'send_again'
  when a.action like 'events.%' or a.action like 'run.%' or a.action like 'task.%'
    or a.action like 'callback.%' then 'manual_send'
  when a.action like '%.reveal' then 'reveal'
  when a.action like 'tag.%' then 'tag'
  when a.action like 'key%.rotate' then 'key_rotation'
  when a.action like 'api_key.%' then 'api_key'
  when a.action like 'billing.%' then 'billing'
  when a.action in ('shop.install', 'shop.uninstall') or a.action like 'pixel.%'
    then 'installation'
  when a.action like 'privacy.%' or a.action like 'payloads.%' or a.action like 'compliance.%' or a.action like '%redact%'
    then 'privacy'
  else 'other' end`);

/**
 * A shop's entries that a query lets through: the latest first, or the oldest first where it asks
 * for those newer than one.
 */
export function listAuditEntries(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  { person, kind, since, older, newer, limit }: AuditQuery,
): Promise<AuditRow[]> {
  const place = (id: bigint) =>
    Prisma.sql`(select b.created_at, b.id from audit_entry b where b.shop_id = ${shopId} and b.id = ${id})`;
  const conditions = [Prisma.sql`a.shop_id = ${shopId}`];
  if (person !== null) conditions.push(Prisma.sql`a.actor = ${person}`);
  if (kind !== null) conditions.push(Prisma.sql`${KIND_SQL} = ${kind}`);
  if (since !== null) conditions.push(Prisma.sql`a.created_at >= ${since}`);
  if (older !== null) conditions.push(Prisma.sql`(a.created_at, a.id) < ${place(older)}`);
  else if (newer !== null) conditions.push(Prisma.sql`(a.created_at, a.id) > ${place(newer)}`);
  const isUpwards = older === null && newer !== null;
  const order = isUpwards
    ? Prisma.sql`a.created_at, a.id`
    : Prisma.sql`a.created_at desc, a.id desc`;
  return tx.$queryRaw<AuditRow[]>`
    select a.id, a.created_at as at, a.actor, a.action, ${KIND_SQL} as kind, a.before, a.after,
      v.version is not null as is_restorable
    from audit_entry a
    left join settings_version v on v.shop_id = a.shop_id
      and a.action in ('settings.change', 'settings.restore')
      and v.version = (a.before ->> 'version')::int
    where ${Prisma.join(conditions, " and ")}
    order by ${order} limit ${limit}`;
}

/** Everyone who changed something of a shop, at most `limit`. */
export async function listActors(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  limit: number,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ actor: string }[]>`
    select distinct actor from audit_entry where shop_id = ${shopId} order by 1 limit ${limit}`;
  return rows.map(({ actor }) => actor);
}

/** Lists the given actions on one event, oldest first. */
export function listEventEntries<Action extends string>(
  tx: Prisma.TransactionClient,
  { shopId, eventId, createdAt }: { shopId: bigint; eventId: string; createdAt: Date },
  actions: readonly Action[],
): Promise<{ actor: string; action: Action; at: Date }[]> {
  return tx.$queryRaw`
    select actor, action, created_at as at from audit_entry
    where shop_id = ${shopId} and created_at >= ${createdAt} and action = any(${[...actions]}::text[])
      and (after ->> 'event_id' = ${eventId} or after -> 'first' @> to_jsonb(${eventId}::text))
    order by created_at, id`;
}

/** Finds the last change of a shop's settings; undefined if there is none. */
export async function findLastSettingsChange(
  client: PoolClient,
  shopId: bigint,
): Promise<{ actor: string; at: Date } | undefined> {
  const { rows } = await client.query<{ actor: string; at: Date }>(
    `select actor, created_at as at from audit_entry
      where shop_id = $1 and action in ('settings.change', 'settings.restore')
      order by created_at desc, id desc limit 1`,
    [shopId],
  );
  return rows[0];
}

/** The shops of which one setting was changed in the last days. */
export async function listShopsThatChanged(
  pool: Pick<Pool, "query">,
  setting: string,
  days: number,
): Promise<bigint[]> {
  const { rows } = await pool.query<{ shop_id: bigint }>(
    `select distinct shop_id from audit_entry
      where action in ('settings.change', 'settings.restore') and after ? $1
        and created_at > now() - make_interval(days => $2)`,
    [setting, days],
  );
  return rows.map(({ shop_id: shopId }) => shopId);
}

/** The newest entry about a tag that was asked for with a form, of the last 30 days. */
export async function findLastTagEntry(
  client: PoolClient,
  shopId: bigint,
  formKey: string,
): Promise<{ action: string; after: Record<string, unknown> } | undefined> {
  const { rows } = await client.query<{ action: string; after: Record<string, unknown> }>(
    `select action, after from audit_entry
      where shop_id = $1 and created_at > now() - interval '30 days'
        and action like 'tag.%' and after ->> 'form' = $2
      order by id desc limit 1`,
    [shopId, formKey],
  );
  return rows[0];
}
