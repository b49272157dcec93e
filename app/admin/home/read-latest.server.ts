import { describeKind, describeState } from "#app/admin/shell/describe-state.server.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import type { EventState } from "#app/events/event-state.ts";
import type { Prisma } from "#prisma/client/client.ts";
import type { LatestEvent } from "./view.ts";

interface Row {
  event_id: string;
  kind: string;
  source: string;
  order_name: string | null;
  state: EventState;
  reason: string | null;
  warning: string | null;
  attempts: number;
  next_at: Date;
  event_time: bigint;
  value: string | null;
  currency: string | null;
}

interface ConnectionState {
  state: "none" | "active" | "paused";
  pauseReason: string | null;
}

/** The five events that happened last. Within a `readAsShop`. */
export async function readLatest(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  connection: ConnectionState,
  format: Formatter,
): Promise<LatestEvent[]> {
  // An event is being sent while its account is leased, if it was due when the lease began.
  const rows = await tx.$queryRaw<Row[]>`
    select e.event_id, e.kind, e.source, e.order_name, e.reason, e.warning, e.attempts, e.next_at,
      e.event_time, e.value, e.currency,
      case when e.state in ('held', 'pending') and exists (select from due_account a
          where a.ad_account_id = e.ad_account_id and a.lease_until > now() and a.leased_at >= e.next_at)
        then 'sending' else e.state end as state
    from event e where e.shop_id = ${shopId}
    order by e.event_time desc, e.id desc limit 5`;
  return rows.map((row) => ({
    // One id may be that of events of several kinds.
    url: `/app/events/${encodeURIComponent(row.event_id)}?${new URLSearchParams({ name: row.kind })}`,
    at: format.moment(new Date(Number(row.event_time) * 1_000)),
    kind: describeKind(row.kind),
    order: row.order_name ?? "",
    value: row.value === null || row.currency === null ? "" : format.money(row.value, row.currency),
    badge: describeState({ ...row, nextAt: row.next_at, connection }, format),
  }));
}
