import type { StoredState } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { OrderProgress } from "#app/runs/order-run-rows.server.ts";
import type { RunKind } from "#app/runs/store-run.server.ts";
import type { Prisma } from "#prisma/client/client.ts";

export const RUN_PAGE_ROWS = 50;

/**
 * The outcome of an item of a run. `rejected`: or expired; `waiting`: not yet sent, or unanswered;
 * `planned`: it would be sent.
 */
export type RunOutcome = "accepted" | "rejected" | "waiting" | "left" | "planned" | "stopped";

export type RunTotals = Record<Exclude<RunOutcome, "planned">, number>;

export interface RunItem {
  /** Row of the file, or place in the choice; from 0. */
  place: number;
  eventId: string | null;
  eventName: string | null;
  /** Shopify's name of the order, for a run that compares orders. */
  orderName?: string;
  outcome: RunOutcome;
  /** The state of the event, once the outbox has it. */
  eventState: StoredState | null;
  /** Why it was left out, or Pinterest's words or note. */
  why: string | null;
}

export interface RunReport {
  id: bigint;
  kind: RunKind;
  createdAt: Date;
  finishedAt: Date | null;
  /** As in the audit log. */
  actor: string;
  /** The name of the file, for a run that sends. */
  fileName: string | null;
  /** The filter of a run that sends again, as a URL's query; null where rows were ticked. */
  query: string | null;
  /** The events that the run left out when it began, by reason. */
  leftOut: Record<string, number>;
  /** The choices of a run that compares orders, and its progress. */
  orders: { since: Date; isDry: boolean; progress: OrderProgress | null } | null;
  hasFailed: boolean;
  /** A person stopped it. */
  isStopped: boolean;
  total: number;
  /** With `planned` they add up to `total`. */
  totals: RunTotals;
  /** Orders that would be sent. */
  planned: number;
  canStop: boolean;
  /** The shop is connected, and sending is not paused. */
  isSending: boolean;
  /** None of its items wait any more. */
  isFinished: boolean;
  items: RunItem[];
  /** First page: 0. */
  page: number;
}

interface RunChoice {
  file?: string;
  query?: string | null;
  left_out?: Record<string, number>;
  since?: string;
  dry?: boolean;
}

interface RunRow {
  id: bigint;
  kind: RunKind;
  state: "running" | "stopping" | "stopped" | "done" | "failed";
  total: number;
  choice: RunChoice | null;
  progress: OrderProgress | null;
  actor: string;
  created_at: Date;
  finished_at: Date | null;
}

/** A run of the shop with a page of its items; null when the shop has no such run. */
export async function readRun(
  { db }: { db: Pick<Database, "readAsShop"> },
  { id: shopId }: { id: bigint },
  runId: bigint,
  { page = 0 }: { page?: number } = {},
): Promise<RunReport | null> {
  return db.readAsShop(shopId, async (tx) => {
    const runs = await tx.$queryRaw<RunRow[]>`
      select id, kind, state, total, choice, progress, actor, created_at, finished_at from run
      where shop_id = ${shopId} and id = ${runId}`;
    const run = runs[0];
    if (run === undefined) return null;
    const { planned, ...totals } = await readTotals(tx, shopId, run);
    const first = page * RUN_PAGE_ROWS;
    const items = await readRunItems(tx, shopId, run, { after: null, skip: first });
    const connection = await tx.connection.findUnique({
      where: { shopId },
      select: { state: true },
    });
    const isSending = connection?.state === "active";
    const report = toReport(run);
    const isFinished = totals.waiting === 0 && !report.canStop;
    return { ...report, totals, planned, isSending, isFinished, items, page };
  });
}

function toReport({ id, kind, state, total, choice, progress, actor, ...run }: RunRow) {
  return {
    id,
    kind,
    total,
    actor,
    createdAt: run.created_at,
    finishedAt: run.finished_at,
    fileName: choice?.file ?? null,
    query: choice?.query ?? null,
    leftOut: choice?.left_out ?? {},
    orders:
      choice?.since === undefined
        ? null
        : { since: new Date(choice.since), isDry: choice.dry === true, progress },
    hasFailed: state === "failed",
    isStopped: state === "stopped",
    canStop: state === "running",
  };
}

async function readTotals(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  { id, state }: RunRow,
): Promise<Record<RunOutcome, number>> {
  // An id that is not unique to a name counts once: `kind` is the item's.
  const rows = await tx.$queryRaw<{ item: string; event: StoredState | null; n: bigint }[]>`
    select i.state as item, e.state as event, count(*) as n
    from run_item i left join lateral (
      select state from event where i.state = 'queued' and shop_id = ${shopId}
        and event_id = i.event_id and kind = i.event_name order by id limit 1) e on true
    where i.run_id = ${id} and i.shop_id = ${shopId} group by 1, 2`;
  const totals = { accepted: 0, rejected: 0, waiting: 0, left: 0, planned: 0, stopped: 0 };
  for (const { item, event, n } of rows) totals[toOutcome(state, item, event)] += Number(n);
  return totals;
}

/** Some items of a run within a `readAsShop`: a page of the screen, or the next part of a file. */
async function readRunItems(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  run: Pick<RunRow, "id" | "state">,
  { after, skip, limit = RUN_PAGE_ROWS }: { after: number | null; skip: number; limit?: number },
): Promise<RunItem[]> {
  const rows = await tx.$queryRaw<
    {
      place: number;
      event_id: string | null;
      event_name: string | null;
      order_name: string | null;
      item: string;
      why: string | null;
      event: StoredState | null;
      reason: string | null;
      warning: string | null;
    }[]
  >`
    select i.place, i.event_id, i.event_name, i.order_name, i.state as item, i.why,
      e.state as event, e.reason, e.warning
    from (select * from run_item where run_id = ${run.id} and shop_id = ${shopId}
      and place > ${after ?? -1} order by place offset ${skip} limit ${limit}) i
    left join lateral (
      select state, reason, warning from event where i.state = 'queued' and shop_id = ${shopId}
        and event_id = i.event_id and kind = i.event_name order by id limit 1) e on true
    order by i.place`;
  return rows.map((row) => ({
    place: row.place,
    eventId: row.event_id,
    eventName: row.event_name,
    ...(row.order_name !== null && { orderName: row.order_name }),
    outcome: toOutcome(run.state, row.item, row.event),
    eventState: row.event,
    why: row.why ?? row.reason ?? row.warning,
  }));
}

/** An event that is gone, after 90 days, has no outcome any more; it does not wait either. */
function toOutcome(run: RunRow["state"], item: string, event: StoredState | null): RunOutcome {
  if (item === "left") return "left";
  if (item === "planned") return "planned";
  if (item === "waiting") return run === "stopped" || run === "failed" ? "stopped" : "waiting";
  switch (event) {
    case "accepted":
      return "accepted";
    case "held":
    case "pending":
      return "waiting";
    case "rejected":
    case "expired":
      return "rejected";
    default:
      return "left";
  }
}

/** All items of a run, a thousand at a time; nothing when the shop has no such run. */
export async function* readAllRunItems(
  { db }: { db: Pick<Database, "readAsShop"> },
  { id: shopId }: { id: bigint },
  runId: bigint,
): AsyncGenerator<RunItem[]> {
  let after = -1;
  for (;;) {
    const items = await db.readAsShop(shopId, async (tx) => {
      const run = await tx.run.findFirst({ where: { id: runId, shopId } });
      if (run === null) return [];
      const state = run.state as RunRow["state"];
      return readRunItems(tx, shopId, { id: runId, state }, { after, skip: 0, limit: 1_000 });
    });
    const last = items.at(-1);
    if (last === undefined) return;
    after = last.place;
    yield items;
  }
}

/** Parses a run's id from an address; anything else becomes 0, which no run has. */
export function toRunId(text: string | undefined): bigint {
  return /^\d{1,18}$/.test(text ?? "") ? BigInt(text ?? "") : 0n;
}

/** The page that an address names, from 0. */
export function toRunPage(text: string | null): number {
  return /^\d{1,4}$/.test(text ?? "") ? Number(text) : 0;
}
