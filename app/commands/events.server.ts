import type { EventCounts, EventState, StoredState } from "#app/events/event-state.ts";
import { type ReplayLeft, replayTexts } from "#app/events/replay-rule.ts";
import { isBeingSentSql, LEASES_SQL } from "#app/outbox/event-conditions.server.ts";
import { replayEvents as replay } from "#app/outbox/replay-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { Prisma } from "#prisma/client/client.ts";
import type { CommandContext, CommandResult } from "./command.server.ts";
import { formatTable } from "./format-table.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

/** `pinrelay events list` */
export async function listShopEvents(
  context: CommandContext,
  { shop: domain, ...choice }: { shop: string } & EventListChoice,
): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    const { id } = await requireShop({ db }, domain);
    const list = await listEvents({ db }, id, choice);
    return { json: list, text: describeList(list) };
  });
}

function describeList({ events, counts }: { events: EventListRow[]; counts: EventCounts }): string {
  const titles = ["EVENT ID", "EVENT", "STATE", "VALUE", "HAPPENED", "REASON"];
  const rows = events.map((event) => [
    event.event_id,
    event.event_name,
    event.state,
    event.value === null ? null : `${event.value} ${event.currency ?? ""}`,
    new Date(event.event_time * 1_000).toISOString(),
    event.reason ?? event.warning,
  ]);
  const { received, ...terms } = counts;
  const sum = Object.entries(terms).map(([state, n]) => `${n} ${state}`);
  return [
    ...(events.length === 0 ? ["No such event."] : [formatTable(titles, rows)]),
    "",
    `${received} received = ${sum.join(" + ")}`,
  ].join("\n");
}

/** An event in a list, as `pinrelay events list --json` prints it. */
export interface EventListRow {
  event_id: string;
  event_name: string;
  /** Shopify's `source_name`. */
  source: string;
  order_id: string | null;
  state: EventState;
  /** Why it was skipped, or Pinterest's words where it refused the event. */
  reason: string | null;
  action_source: string | null;
  /** Unix seconds. */
  event_time: number;
  /** Decimal string, as sent. */
  value: string | null;
  currency: string | null;
  ad_account_id: string | null;
  attempts: number;
  warning: string | null;
  /** ISO 8601. */
  created_at: string;
  settled_at: string | null;
}

interface EventListChoice {
  state?: EventState | undefined;
  orderId?: string | undefined;
  limit: number;
}

type Row = Omit<EventListRow, "event_time" | "created_at" | "settled_at"> & {
  event_time: bigint;
  created_at: Date;
  settled_at: Date | null;
};

/**
 * A shop's events, the latest to have happened first, and how many it has of each state, whatever
 * the choice.
 */
export async function listEvents(
  { db }: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
  { state, orderId, limit }: EventListChoice,
): Promise<{ events: EventListRow[]; counts: EventCounts }> {
  return db.readAsShop(shopId, async (tx) => {
    const rows = await tx.$queryRaw<Row[]>`
      with ${Prisma.raw(LEASES_SQL)}
      select * from (
        select e.id, e.event_id, e.kind as event_name, e.source, e.order_id,
          case when ${Prisma.raw(isBeingSentSql())} then 'sending' else e.state end as state,
          e.reason, e.action_source, e.event_time, e.value, e.currency, e.ad_account_id,
          e.attempts, e.warning, e.created_at, e.settled_at
        from event e left join lease on lease.ad_account_id = e.ad_account_id
        where e.shop_id = ${shopId} and (${orderId ?? null}::text is null or e.order_id = ${orderId ?? null})
      ) shown
      where ${state ?? null}::text is null or state = ${state ?? null}
      order by event_time desc, id desc limit ${limit}`;
    return { events: rows.map(toListRow), counts: await readCounts(tx, shopId) };
  });
}

/** Names each field: a column more in the query must not reach a screen by itself. */
function toListRow(row: Row): EventListRow {
  return {
    event_id: row.event_id,
    event_name: row.event_name,
    source: row.source,
    order_id: row.order_id,
    state: row.state,
    reason: row.reason,
    action_source: row.action_source,
    event_time: Number(row.event_time),
    value: row.value,
    currency: row.currency,
    ad_account_id: row.ad_account_id,
    attempts: row.attempts,
    warning: row.warning,
    created_at: row.created_at.toISOString(),
    settled_at: row.settled_at?.toISOString() ?? null,
  };
}

/** A shop's events by state, from the counters, within a `readAsShop`. */
async function readCounts(tx: Prisma.TransactionClient, shopId: bigint): Promise<EventCounts> {
  const rows = await tx.$queryRaw<{ state: StoredState; n: bigint }[]>`
    select state, sum(n)::bigint as n from count_bucket where shop_id = ${shopId} group by state`;
  const byState = new Map(rows.map(({ state, n }) => [state, Number(n)]));
  const count = (state: StoredState) => byState.get(state) ?? 0;
  const terms = {
    accepted: count("accepted"),
    rejected: count("rejected"),
    skipped: count("skipped"),
    expired: count("expired"),
    pending: count("held") + count("pending"),
  };
  const received = Object.values(terms).reduce((sum, term) => sum + term, 0);
  return { received, ...terms };
}

export type ReplayOptions = { shop: string } & (
  | { eventIds: readonly string[] }
  | { state: string; since: Date | null }
);

/** `pinrelay events replay`: ends with 1 when there was nothing to send again. */
export async function replayEvents(
  context: CommandContext,
  { shop: domain, ...choice }: ReplayOptions,
): Promise<CommandResult> {
  return withDatabase(context, async ({ db, config }) => {
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    const { id: shopId } = await requireShop({ db }, domain);
    const { replayed, left } = await replay({ db, keyring }, { shopId, ...choice }, "cli");
    const isDone = replayed.length > 0;
    const named = left.map((event) => ({ ...event, why: wordsFor(event.why) }));
    return {
      json: { ok: isDone, replayed, left: named },
      text: describe(replayed, named),
      exitCode: isDone ? 0 : 1,
    };
  });
}

function wordsFor(why: ReplayLeft): string {
  const text = replayTexts[why];
  return why === "unknown" ? `${text} \`pinrelay events list\` shows what there is.` : text;
}

function describe(
  replayed: readonly string[],
  left: readonly { event_id: string; state: string; why: string }[],
): string {
  const rows = left.map(({ event_id: id, state, why }) => [id, state, why]);
  return [
    replayed.length === 0
      ? "Nothing to send again."
      : `${replayed.length} events are sent again, under the same ids: ${replayed.join(", ")}`,
    ...(rows.length === 0 ? [] : ["", formatTable(["LEFT ALONE", "STATE", "WHY"], rows)]),
  ].join("\n");
}
