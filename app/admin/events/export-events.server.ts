import type { EventFilter } from "#app/admin/shell/event-filter.ts";
import { csvHeader, csvLine, EXPORT_LIMIT } from "#app/admin/shell/format/csv-line.server.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { matchKeysFromBits } from "#app/events/match-keys.ts";
import type { Database } from "#app/platform/db.server.ts";
import { countMatching, countRows, readTallies, sumOf } from "./count-events.server.ts";
import { isoWithOffset } from "./iso-with-offset.server.ts";
import { limitStatements } from "./limit-statements.server.ts";
import { periodBounds } from "./period-bounds.server.ts";
import { type EventRow, readEventRows } from "./read-event-rows.server.ts";
import { readLastAnswers } from "./read-last-answers.server.ts";
import { toCondition } from "./search-events.server.ts";

const PAGE_ROWS = 1_000;

const HEADER = [
  "event_id",
  "id_source",
  "kind",
  "order",
  "order_id",
  "happened_at",
  "state",
  "reason",
  "value",
  "currency",
  "source",
  "ad_account",
  "attempts",
  "last_answer",
  "keys_sent",
];

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
    await limitStatements(tx);
    const bounds = periodBounds(filter.period, format);
    const condition = await toCondition(tx, shop.id, filter, bounds);
    return condition.isCounted
      ? sumOf(countMatching(await readTallies(tx, shop.id, bounds), filter))
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
  yield csvHeader(HEADER);
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
    yield rows.map((row) => toLine(row, answers.get(row.id) ?? null, writeTime)).join("");
    after = rows.at(-1) ?? null;
    if (rows.length < PAGE_ROWS) return;
  }
}

function toLine(row: EventRow, answer: string | null, writeTime: (date: Date) => string): string {
  return csvLine([
    row.eventId,
    row.idSource,
    row.kind,
    row.orderName,
    row.orderId,
    writeTime(new Date(Number(row.eventTime) * 1_000)),
    row.isSending ? "sending" : row.state,
    row.reason,
    row.value,
    row.currency,
    row.source,
    row.adAccountId,
    row.attempts,
    answer,
    row.state === "skipped" ? null : matchKeysFromBits(row.keyBits).join(" "),
  ]);
}
