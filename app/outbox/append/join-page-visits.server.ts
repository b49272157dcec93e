import type { Pool } from "pg";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { EventRow } from "./intake-row.server.ts";

/** An event of a browser. */
export interface BrowserEventRow extends EventRow {
  /** The keys that the same visit of a page may have, its own first; empty for other events. */
  pageKeys: string[];
}

/** Visits of one page within so long are one: the later is a reload, or comes from a second tab. */
const RELOAD_SECONDS = 30;

/**
 * The limit and the order keep the planner to one look-up in the index of identities for each key,
 * also where it plans over a table that is still empty: with `=` any index of a shop's events looks
 * as good to it then, and each look-up would read all of them.
 */
export const FIND_PAGE_VISITS = `select distinct on (r.n) r.n, e.source_key, e.event_time
  from json_to_recordset($1) as r(n integer, lane smallint, shop_id bigint, kind text,
    keys text[], event_time bigint)
  cross join unnest(r.keys) as k(key)
  cross join lateral (select id, source_key, event_time from event
    where lane = r.lane and shop_id = r.shop_id and kind = r.kind and source_key between k.key and k.key
    order by source_key limit 1) e
  where abs(e.event_time - r.event_time) <= ${RELOAD_SECONDS}
  order by r.n, abs(e.event_time - r.event_time), e.id`;

interface KnownPage {
  n: number;
  source_key: string;
  event_time: bigint;
}

/**
 * Gives visits of a page the identity of the one that they repeat. A visit's key names a window of
 * time, so that the index of identities tells a reload in the same window; one on the other side of
 * an edge has another key, and is found here.
 */
export async function joinPageVisits<Row extends BrowserEventRow>(
  pool: Pick<Pool, "query">,
  rows: readonly Row[],
): Promise<Row[]> {
  const pages = rows.flatMap((row, n) => (row.pageKeys.length > 0 ? [toQuestion(row, n)] : []));
  if (pages.length === 0) return [...rows];
  const { rows: known } = await pool.query<KnownPage>({
    name: "join-page-visits",
    text: FIND_PAGE_VISITS,
    values: [JSON.stringify(pages)],
  });
  const joined = [...rows];
  for (const { n, source_key: sourceKey, event_time } of known) {
    joined[n] = repeat(rows[n] as Row, { sourceKey, eventTimeSeconds: Number(event_time) });
  }
  return joinWithin(joined);
}

function toQuestion({ shop, mapped, pageKeys }: BrowserEventRow, n: number) {
  return {
    n,
    lane: shop.lane,
    shop_id: shop.id.toString(),
    kind: mapped.kind,
    keys: pageKeys,
    event_time: mapped.eventTimeSeconds,
  };
}

/** A visit happened when its page was first seen: else each reload would move its end. */
function repeat<Row extends BrowserEventRow>(
  row: Row,
  first: Pick<MappedEvent, "sourceKey" | "eventTimeSeconds">,
): Row {
  const { sourceKey, eventTimeSeconds } = first;
  const { outcome } = row.mapped;
  const at = { sourceKey, eventTimeSeconds };
  if (outcome.kind === "skip") return { ...row, mapped: { ...row.mapped, ...at } };
  const event = { ...outcome.event, event_time: eventTimeSeconds };
  return { ...row, mapped: { ...row.mapped, ...at, outcome: { ...outcome, event } } };
}

/** The same among rows of one commit, which the database does not know yet. */
function joinWithin<Row extends BrowserEventRow>(rows: readonly Row[]): Row[] {
  const first = new Map<string, Row>();
  return rows.map((row) => {
    const { shop, mapped, pageKeys } = row;
    const key = (sourceKey: string) => `${shop.id}\n${mapped.kind}\n${sourceKey}`;
    const repeated = pageKeys
      .map((sourceKey) => first.get(key(sourceKey)))
      .find(
        (other) =>
          other !== undefined &&
          Math.abs(other.mapped.eventTimeSeconds - mapped.eventTimeSeconds) <= RELOAD_SECONDS,
      );
    if (repeated !== undefined) return repeat(row, repeated.mapped);
    // Only what repeats nothing is repeated: a reload every 20 seconds is not one visit for ever.
    if (pageKeys.length > 0 && !first.has(key(mapped.sourceKey))) {
      first.set(key(mapped.sourceKey), row);
    }
    return row;
  });
}
