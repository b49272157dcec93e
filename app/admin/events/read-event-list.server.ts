import { describeKind, describeSource } from "#app/admin/shell/describe-state.server.ts";
import {
  defaultPeriod,
  EVENT_TABS,
  type EventFilter,
  type EventTab,
  KEPT_DAYS,
  parseEventFilter,
  toEventQuery,
} from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { findReasonWords, UNSENT_REASONS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { type Database, isTooSlow } from "#app/platform/db.server.ts";
import { SEARCH_LIMIT } from "./conditions.server.ts";
import { type EventPage, parseCursor, readEventPage } from "./read-event-page.server.ts";
import { type EventLine, toEventLine } from "./read-event-rows.server.ts";
import { eventsTexts } from "./texts.ts";

export interface FilterChoice {
  value: string;
  label: string;
}

export type AppliedKey = "kind" | "state" | "reason" | "source" | "idSource" | "date";

/** A page of the list, as the server has written it. */
export interface EventListFacts {
  filter: EventFilter;
  lines: EventLine[];
  tabs: { id: EventTab; label: string; count: string | null }[];
  /** What each filter offers; periods in days back. */
  choices: Record<"kinds" | "states" | "reasons" | "sources" | "periods", FilterChoice[]>;
  applied: { key: AppliedKey; label: string }[];
  /** `51–100 of 1,204`; null without rows. */
  range: string | null;
  /** `Last 7 days` */
  period: string;
  /** Cursors. */
  next: string | null;
  previous: string | null;
  canSendAgain: boolean;
  isConnected: boolean;
  empty: "shop" | "filter" | null;
}

export interface EventList {
  filter: EventFilter;
  /** The filter as a URL's query, without the page. */
  query: string;
  /** The first page: what is newer comes in by itself. */
  isFirstPage: boolean;
  /** The total; null when the database took too long. */
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

/** The tabs that show their number when it is above 0. */
const COUNTED_TABS: readonly EventTab[] = ["action", "waiting"];

/** A page of the list in the reader's words. */
function describeEventPage(
  page: EventPage,
  { filter, format }: { filter: EventFilter; format: Formatter },
): EventListFacts {
  return {
    filter,
    lines: page.rows.map((row) => toEventLine(row, page.connection, format)),
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
    empty: chooseEmptyState(page),
  };
}

function chooseEmptyState({ rows, isEmptyShop }: EventPage): EventListFacts["empty"] {
  if (rows.length > 0) return null;
  return isEmptyShop ? "shop" : "filter";
}

function describeRange({ rows, offset, total }: EventPage, format: Formatter): string | null {
  if (rows.length === 0) return null;
  return formatMessage(eventsTexts.range, {
    first: format.number(offset + 1),
    last: format.number(offset + rows.length),
    total:
      total > SEARCH_LIMIT
        ? formatMessage(eventsTexts.moreThan, { n: format.number(SEARCH_LIMIT) })
        : format.number(total),
  });
}

const { filters } = eventsTexts;

/** What narrows the list beside its tab and its search. */
function describeApplied(filter: EventFilter, format: Formatter): EventListFacts["applied"] {
  const lists: [AppliedKey, string, string[]][] = [
    ["kind", filters.kind, filter.kinds.map(describeKind)],
    ["state", filters.state, filter.states.map((state) => eventsTexts.states[state])],
    ["reason", filters.reason, filter.reasons.map((reason) => findReasonWords(reason).label)],
    ["source", filters.source, filter.sources.map(nameSource)],
    [
      "idSource",
      filters.idSource,
      filter.idSource === null ? [] : [eventsTexts.idSources[filter.idSource]],
    ],
    ["date", filters.date, isDefaultPeriod(filter) ? [] : [namePeriod(filter, format)]],
  ];
  return lists
    .filter(([, , values]) => values.length > 0)
    .map(([key, name, values]) => ({
      key,
      label: formatMessage(eventsTexts.applied, { name, values: values.join(", ") }),
    }));
}

function isDefaultPeriod({ period, search }: EventFilter): boolean {
  return "days" in period && period.days === defaultPeriod(search).days;
}

/** `Last 7 days`, `Nov 1 to Nov 3` */
function namePeriod({ period }: EventFilter, format: Formatter): string {
  if ("days" in period) return nameDays(period.days);
  const { from, to } = period;
  return formatMessage(eventsTexts.periods.range, { from: format.day(from), to: format.day(to) });
}

const PERIODS = [1, 7, 14, 30, KEPT_DAYS];

/** The kinds and sources that the period has, and those that are chosen already. */
function describeChoices(
  { kinds, sources }: Pick<EventPage, "kinds" | "sources">,
  filter: EventFilter,
): EventListFacts["choices"] {
  return {
    kinds: toChoices([...kinds, ...filter.kinds], describeKind),
    states: EVENT_TABS.all.map((state) => ({ value: state, label: eventsTexts.states[state] })),
    reasons: UNSENT_REASONS.map((reason) => ({
      value: reason,
      label: findReasonWords(reason).label,
    })),
    sources: toChoices(["store", ...sources, ...filter.sources], nameSource),
    periods: PERIODS.map((days) => ({ value: String(days), label: nameDays(days) })),
  };
}

function nameSource(source: string): string {
  return source === "store" ? eventsTexts.storeSources : describeSource(source);
}

function nameDays(days: number): string {
  return days === 1
    ? eventsTexts.periods.today
    : formatMessage(eventsTexts.periods.days, { n: days });
}

function toChoices(values: readonly string[], name: (value: string) => string): FilterChoice[] {
  return [...new Set(values)].map((value) => ({ value, label: name(value) }));
}
