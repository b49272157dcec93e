import { EXPORT_LIMIT } from "#app/admin/shell/csv.server.ts";
import type { EventFilter } from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { type Database, limitStatements } from "#app/platform/db.server.ts";
import type { Prisma } from "#prisma/client/client.ts";
import {
  countMatching,
  countRows,
  LIST_TIMEOUT_MS,
  periodBounds,
  readTallies,
  sumCounts,
  toCondition,
} from "./conditions.server.ts";
import {
  type EventRow,
  eventFileHeader,
  readEventRows,
  toFileLine,
} from "./read-event-rows.server.ts";

const PAGE_ROWS = 1_000;

interface ExportServices {
  db: Pick<Database, "readAsShop">;
}

interface ExportOf {
  shop: { id: bigint };
  format: Formatter;
}

/** How many rows a file of the filter would have, counted as far as one more than the limit. */
export async function countExport(
  { db }: ExportServices,
  { shop, format }: ExportOf,
  filter: EventFilter,
): Promise<number> {
  return db.readAsShop(shop.id, async (tx) => {
    await limitStatements(tx, LIST_TIMEOUT_MS);
    const bounds = periodBounds(filter.period, format);
    const condition = await toCondition(tx, shop.id, filter, bounds);
    return condition.isCounted
      ? sumCounts(countMatching(await readTallies(tx, shop.id, bounds), filter))
      : countRows(tx, condition.sql, EXPORT_LIMIT);
  });
}

/**
 * The filter's events as CSV, a thousand rows at a time in the order of the list: what has been
 * handed out is not in memory any more. No personal data is in it, hashed or not.
 */
export async function* exportEvents(
  { db }: ExportServices,
  { shop, format }: ExportOf,
  filter: EventFilter,
): AsyncGenerator<string> {
  yield eventFileHeader;
  const writeTime = isoWithOffset(format.timeZone);
  const bounds = periodBounds(filter.period, format);
  let after: EventRow | null = null;
  for (let written = 0; written < EXPORT_LIMIT; written += PAGE_ROWS) {
    const place: EventRow | null = after;
    const { rows, answers } = await db.readAsShop(shop.id, async (tx) => {
      const condition = await toCondition(tx, shop.id, filter, bounds);
      const page = await readEventRows(tx, {
        shopId: shop.id,
        filter,
        bounds,
        condition,
        after: place,
        direction: filter.order === "newest" ? "desc" : "asc",
        limit: PAGE_ROWS,
      });
      return { rows: page, answers: await readLastAnswers(tx, shop.id, page) };
    });
    yield rows
      .map((row) => toFileLine(row, { answer: answers.get(row.id) ?? null, writeTime }))
      .join("");
    after = rows.at(-1) ?? null;
    if (rows.length < PAGE_ROWS) return;
  }
}

/** Pinterest's word for an event that it accepted. */
const PROCESSED = "processed";

/**
 * What Pinterest said last of each event, by row id, within a `readAsShop`: its note, its words of
 * refusal, or, of one that has no outcome, how its last request ended.
 */
async function readLastAnswers(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  rows: readonly EventRow[],
): Promise<Map<bigint, string>> {
  const answers = new Map<bigint, string>();
  const open: bigint[] = [];
  for (const { id, state, warning, reason, attempts } of rows) {
    if (state === "accepted") answers.set(id, warning ?? PROCESSED);
    else if (state === "rejected" && reason !== null) answers.set(id, reason);
    else if (attempts > 0) open.push(id);
  }
  if (open.length === 0) return answers;
  const found = await tx.$queryRaw<{ id: bigint; answer: string }[]>`
    select e.id, coalesce(a.answers->(e.id::text)->>'message', a.message, a.outcome) as answer
    from event e join lateral (
      select answers, message, outcome from attempt
      where id = e.attempt_ids[cardinality(e.attempt_ids)] and shop_id = ${shopId}
        and made_on >= (e.created_at at time zone 'UTC')::date) a on true
    where e.shop_id = ${shopId} and e.id = any(${open}::bigint[])`;
  for (const { id, answer } of found) answers.set(id, answer);
  return answers;
}

/** Writes moments as ISO 8601 with the offset that a zone has then: `2026-11-24T14:02:00-05:00`. */
function isoWithOffset(timeZone: string): (date: Date) => string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (date) => {
    const name = parts.formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? "";
    // `GMT-05:00`, and plain `GMT` for none.
    const offset = name.slice("GMT".length) || "+00:00";
    const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
    const shiftMs = (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
    return `${new Date(date.getTime() + shiftMs).toISOString().slice(0, 19)}${offset.slice(0, 6)}`;
  };
}
