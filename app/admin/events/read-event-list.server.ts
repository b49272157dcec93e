import { type EventFilter, parseEventFilter, toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { describeEventPage } from "./describe-event-page.server.ts";
import { isTooSlow } from "./limit-statements.server.ts";
import { parseCursor } from "./page-cursor.server.ts";
import { readEventPage } from "./read-event-page.server.ts";
import type { EventListFacts } from "./view.ts";

export interface EventList {
  filter: EventFilter;
  /** The filter as a URL's query, without the page. */
  query: string;
  /** The first page: what is newer comes in by itself. */
  isFirstPage: boolean;
  /** Null when the database took too long. */
  list: EventListFacts | null;
}

/** The list that a URL names. */
export async function readEventList(
  { db }: { db: Pick<Database, "readAsShop"> },
  { shop, format }: { shop: { id: bigint }; format: Formatter },
  params: URLSearchParams,
): Promise<EventList> {
  const filter = parseEventFilter(params);
  const cursor = parseCursor(params.get("page"));
  const view = { filter, query: toEventQuery(filter), isFirstPage: cursor === null };
  try {
    const page = await readEventPage({ db }, shop, filter, { days: format, cursor });
    return { ...view, list: describeEventPage(page, { filter, format }) };
  } catch (error) {
    if (isTooSlow(error)) return { ...view, list: null };
    throw error;
  }
}
