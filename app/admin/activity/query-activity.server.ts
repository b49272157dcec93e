import { Prisma } from "#prisma/client/client.ts";
import type { ActivityFilter } from "./activity-filter.server.ts";
import { type ActivityKind, KIND_SQL } from "./activity-kinds.server.ts";

/** An entry of the audit log with its kind. */
export interface ActivityEntry {
  id: bigint;
  at: Date;
  actor: string;
  action: string;
  kind: ActivityKind;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  /** The settings from before it are kept. */
  is_restorable: boolean;
}

/**
 * The entries of a shop that a filter lets through: the latest first, or the oldest first where it
 * asks for those newer than one.
 */
export function activityQuery(
  shopId: bigint,
  { person, kind, older, newer }: ActivityFilter,
  { since, limit }: { since: Date | null; limit: number },
): Prisma.Sql {
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
  return Prisma.sql`
    select a.id, a.created_at as at, a.actor, a.action, ${KIND_SQL} as kind, a.before, a.after,
      v.version is not null as is_restorable
    from audit_entry a
    left join settings_version v on v.shop_id = a.shop_id
      and a.action in ('settings.change', 'settings.restore')
      and v.version = (a.before ->> 'version')::int
    where ${Prisma.join(conditions, " and ")}
    order by ${order} limit ${limit}`;
}
