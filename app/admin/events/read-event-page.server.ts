import type { EventFilter, EventTab } from "#app/admin/shell/event-filter.ts";
import { type Database, limitStatements } from "#app/platform/db.server.ts";
import type { Prisma } from "#prisma/client/client.ts";
import {
  countByState,
  countMatching,
  countRows,
  countTabs,
  LIST_TIMEOUT_MS,
  periodBounds,
  readTallies,
  type ShopDays,
  sumCounts,
  type Tally,
  toCondition,
} from "./conditions.server.ts";
import {
  type EventPosition,
  type EventRow,
  PAGE_ROWS,
  type RowsWanted,
  readEventRows,
} from "./read-event-rows.server.ts";
import { canSendAny } from "./replay.server.ts";

export interface EventPage {
  rows: EventRow[];
  /** Rows before these. */
  offset: number;
  /** How many match; one more than SEARCH_LIMIT stands for more than that. */
  total: number;
  /** What each tab would show; null with a search, whose matches the counters do not know. */
  tabs: Record<EventTab, number> | null;
  /** Kinds and sources that the period has, for the choices of the filter. */
  kinds: string[];
  sources: string[];
  next: string | null;
  previous: string | null;
  /** Whether some matching event may be sent again. */
  canSendAgain: boolean;
  connection: { state: "none" | "active" | "paused"; pauseReason: string | null };
  /** The shop never had an event. */
  isEmptyShop: boolean;
}

/**
 * 50 events of a shop with their counts, in one snapshot.
 * Rejects with the database's error when a statement takes two seconds: `isTooSlow` knows it.
 */
export async function readEventPage(
  { db }: { db: Pick<Database, "readAsShop"> },
  { id: shopId }: { id: bigint },
  filter: EventFilter,
  { days, cursor }: { days: ShopDays; cursor: PageCursor | null },
): Promise<EventPage> {
  return db.readAsShop(shopId, async (tx) => {
    await limitStatements(tx, LIST_TIMEOUT_MS);
    const bounds = periodBounds(filter.period, days);
    const tallies = await readTallies(tx, shopId, bounds);
    const condition = await toCondition(tx, shopId, filter, bounds);
    const page = await readPage(tx, { shopId, filter, bounds, condition, cursor });
    const total = condition.isCounted
      ? sumCounts(countMatching(tallies, filter))
      : await countRows(tx, condition.sql);
    return {
      ...page,
      total,
      tabs: condition.isCounted ? countTabs(countByState(tallies, filter)) : null,
      kinds: listValues(tallies, "kind"),
      sources: listValues(tallies, "source"),
      canSendAgain: await canSendAny(tx, { condition, filter, now: days.now }),
      connection: await readConnection(tx, shopId),
      isEmptyShop: total === 0 && (await isEmptyShop(tx, shopId)),
    };
  });
}

type Page = Pick<EventPage, "rows" | "offset" | "next" | "previous">;

async function readPage(
  tx: Prisma.TransactionClient,
  {
    cursor,
    ...wanted
  }: Omit<RowsWanted, "after" | "direction" | "limit"> & { cursor: PageCursor | null },
): Promise<Page> {
  const isBack = cursor?.to === "previous";
  const isDescending = (wanted.filter.order === "newest") !== isBack;
  const read = await readEventRows(tx, {
    ...wanted,
    after: cursor,
    direction: isDescending ? "desc" : "asc",
    limit: PAGE_ROWS + 1,
  });
  const hasMore = read.length > PAGE_ROWS;
  const rows = read.slice(0, PAGE_ROWS);
  if (isBack) rows.reverse();
  const offset = computeOffset(cursor, hasMore);
  const [first, last] = [rows[0], rows.at(-1)];
  const hasNext = isBack || hasMore;
  const hasPrevious = isBack ? hasMore : cursor !== null;
  return {
    rows,
    offset,
    next:
      hasNext && last !== undefined
        ? toCursorText({ ...last, to: "next", offset: offset + rows.length })
        : null,
    previous:
      hasPrevious && first !== undefined
        ? toCursorText({ ...first, to: "previous", offset })
        : null,
  };
}

/** A page before the place that `cursor` names begins 50 rows before it, or is the first. */
function computeOffset(cursor: PageCursor | null, hasMore: boolean): number {
  if (cursor === null) return 0;
  if (cursor.to === "next") return cursor.offset;
  return hasMore ? Math.max(0, cursor.offset - PAGE_ROWS) : 0;
}

function listValues(tallies: readonly Tally[], name: "kind" | "source"): string[] {
  return [...new Set(tallies.map((tally) => tally[name]))].sort();
}

async function readConnection(
  tx: Prisma.TransactionClient,
  shopId: bigint,
): Promise<EventPage["connection"]> {
  const found = await tx.connection.findUnique({
    where: { shopId },
    select: { state: true, pauseReason: true },
  });
  return found === null
    ? { state: "none", pauseReason: null }
    : { ...found, state: found.state as "active" | "paused" };
}

async function isEmptyShop(tx: Prisma.TransactionClient, shopId: bigint): Promise<boolean> {
  const rows = await tx.$queryRaw<{ known: boolean }[]>`
    select exists (select from event where shop_id = ${shopId}) as known`;
  return rows[0]?.known === false;
}

/** Which page: the one after the position, or the one before it. */
export interface PageCursor extends EventPosition {
  to: "next" | "previous";
  /** Rows before the page, as far as its reader has counted them. */
  offset: number;
}

const CURSOR = /^(next|previous)\.(\d{1,12})\.(\d{1,18})\.(\d{1,9})$/;

/** Null for the first page, and for an invalid cursor. */
export function parseCursor(text: string | null): PageCursor | null {
  const [, to, eventTime, id, offset] = CURSOR.exec(text ?? "") ?? [];
  if (eventTime === undefined || id === undefined) return null;
  return {
    to: to === "previous" ? "previous" : "next",
    eventTime: BigInt(eventTime),
    id: BigInt(id),
    offset: Number(offset),
  };
}

function toCursorText({ to, eventTime, id, offset }: PageCursor): string {
  return `${to}.${eventTime}.${id}.${offset}`;
}
