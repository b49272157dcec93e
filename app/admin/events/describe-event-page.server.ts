import {
  describeKind,
  describeSource,
  describeState,
} from "#app/admin/shell/describe-state.server.ts";
import {
  EVENT_TABS,
  type EventFilter,
  type EventTab,
  toEventUrl,
} from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { SEARCH_LIMIT } from "./count-events.server.ts";
import { describeApplied, describeChoices, namePeriod } from "./describe-filter.server.ts";
import type { EventPage } from "./read-event-page.server.ts";
import type { EventRow } from "./read-event-rows.server.ts";
import { eventsTexts } from "./texts.ts";
import type { EventLine, EventListFacts } from "./view.ts";

type Connection = EventPage["connection"];

/** Tabs whose number says that there is something to look at. */
const COUNTED_TABS: readonly EventTab[] = ["action", "waiting"];

/** A page of the list in the reader's words. */
export function describeEventPage(
  page: EventPage,
  { filter, format }: { filter: EventFilter; format: Formatter },
): EventListFacts {
  return {
    filter,
    lines: page.rows.map((row) => toLine(row, page.connection, format)),
    tabs: (Object.keys(EVENT_TABS) as EventTab[]).map((id) => {
      const count = COUNTED_TABS.includes(id) ? (page.tabs?.[id] ?? 0) : 0;
      return { id, label: eventsTexts.tabs[id], count: count > 0 ? format.number(count) : null };
    }),
    choices: describeChoices(page, filter),
    applied: describeApplied(filter, format),
    range: describeRange(page, format),
    next: page.next,
    previous: page.previous,
    canSendAgain: page.canSendAgain,
    isConnected: page.connection.state !== "none",
    period: namePeriod(filter, format),
    empty: emptyOf(page),
  };
}

function emptyOf({ rows, isEmptyShop }: EventPage): EventListFacts["empty"] {
  if (rows.length > 0) return null;
  return isEmptyShop ? "shop" : "filter";
}

function toLine(row: EventRow, connection: Connection, format: Formatter): EventLine {
  const { kind, state, isSending, reason, value, currency } = row;
  const happened = format.moment(new Date(Number(row.eventTime) * 1_000));
  const name = describeKind(kind);
  return {
    id: String(row.id),
    url: toEventUrl(row),
    order: row.orderName ?? row.orderId ?? eventsTexts.noOrder,
    name:
      row.orderName === null && row.orderId === null
        ? say(eventsTexts.rowName, { kind: name, time: happened.text })
        : null,
    kind: name,
    value:
      value === null || currency === null ? eventsTexts.noOrder : format.money(value, currency),
    badge: describeState({ ...row, state: isSending ? "sending" : state, connection }, format),
    detail: state === "rejected" ? reason : row.warning,
    source: describeSource(row.source),
    happened,
  };
}

function describeRange({ rows, offset, total }: EventPage, format: Formatter): string | null {
  if (rows.length === 0) return null;
  return say(eventsTexts.range, {
    first: format.number(offset + 1),
    last: format.number(offset + rows.length),
    total:
      total > SEARCH_LIMIT
        ? say(eventsTexts.moreThan, { n: format.number(SEARCH_LIMIT) })
        : format.number(total),
  });
}
