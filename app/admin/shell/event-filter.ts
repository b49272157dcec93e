import { cleanText } from "#app/events/clean-text.ts";
import { type StoredState, UNSENT_REASONS, type UnsentReason } from "#app/events/event-state.ts";
import type { IdSource } from "#app/events/mapped-event.ts";

/** The fixed views of the list, and the stored states that each shows. */
export const EVENT_TABS = {
  all: ["held", "pending", "accepted", "rejected", "expired", "skipped"],
  action: ["rejected", "expired"],
  waiting: ["held", "pending"],
  accepted: ["accepted"],
  "not-sent": ["skipped"],
} as const satisfies Record<string, readonly StoredState[]>;

export type EventTab = keyof typeof EVENT_TABS;

/**
 * Days back from today, today included; or whole days from and to, as YYYY-MM-DD. All in the shop's
 * days.
 */
export type EventPeriod = { days: number } | { from: string; to: string };

/** The filter of a list of events. An empty list of values stands for all of them. */
export interface EventFilter {
  tab: EventTab;
  /** Pinterest's event names. */
  kinds: string[];
  states: StoredState[];
  /** Why events were not sent: of the states this leaves `skipped` and `expired` alone. */
  reasons: UnsentReason[];
  /**
   * Shopify's `source_name`; `task` is what was sent by hand, API or Flow; `store` all but that.
   */
  sources: string[];
  idSource: IdSource | null;
  period: EventPeriod;
  /** An order's number or id, or how an event's id begins. */
  search: string;
  order: "newest" | "oldest";
}

/** Rows are deleted 90 days after their event. */
export const KEPT_DAYS = 90;
const DEFAULT_DAYS = 7;

const ID_SOURCES: readonly IdSource[] = ["browser", "order", "given"];
const LONGEST_SEARCH = 256;
const LONGEST_LIST = 30;
const LONGEST_VALUE = 128;

/**
 * The filter that a URL names. What it does not know it leaves out, so that an old or mistyped link
 * still opens. A search alone looks through all that is kept: a person who looks for an order need
 * not know when it was.
 */
export function parseEventFilter(params: URLSearchParams): EventFilter {
  const search = cleanText(params.get("q"), LONGEST_SEARCH) ?? "";
  return {
    tab: parseChoice(Object.keys(EVENT_TABS) as EventTab[], params.get("tab")) ?? "all",
    kinds: listValues(params, "kind"),
    states: EVENT_TABS.all.filter((state) => listValues(params, "state").includes(state)),
    reasons: UNSENT_REASONS.filter((reason) => listValues(params, "reason").includes(reason)),
    sources: listValues(params, "source"),
    idSource: parseChoice(ID_SOURCES, params.get("id_source")),
    period: parsePeriod(params) ?? defaultPeriod(search),
    search,
    order: params.get("sort") === "oldest" ? "oldest" : "newest",
  };
}

/** The filter as a URL's query, without `?`; what is as by default is left out. */
export function toEventQuery(filter: Partial<EventFilter>): string {
  const { search = "", period } = filter;
  const params = new URLSearchParams();
  if (filter.tab !== undefined && filter.tab !== "all") params.set("tab", filter.tab);
  for (const kind of filter.kinds ?? []) params.append("kind", kind);
  for (const state of filter.states ?? []) params.append("state", state);
  for (const reason of filter.reasons ?? []) params.append("reason", reason);
  for (const source of filter.sources ?? []) params.append("source", source);
  if (filter.idSource) params.set("id_source", filter.idSource);
  if (period !== undefined && "from" in period) {
    params.set("from", period.from);
    params.set("to", period.to);
  } else if (period !== undefined && period.days !== defaultPeriod(search).days) {
    params.set("days", String(period.days));
  }
  if (search !== "") params.set("q", search);
  if (filter.order === "oldest") params.set("sort", "oldest");
  return params.toString();
}

/** The states that tab, states and reasons leave, in the order of the list. */
export function listStates({ tab, states, reasons }: EventFilter): StoredState[] {
  return EVENT_TABS[tab].filter(
    (state) =>
      (states.length === 0 || states.includes(state)) &&
      (reasons.length === 0 || state === "skipped"),
  );
}

/** The period of a filter in which none was chosen. */
export function defaultPeriod(search: string): { days: number } {
  return { days: search === "" ? DEFAULT_DAYS : KEPT_DAYS };
}

/** The filter with another search; the default period goes with it. */
export function withSearch(filter: EventFilter, search: string): EventFilter {
  const { period } = filter;
  const isChosen = !("days" in period) || period.days !== defaultPeriod(filter.search).days;
  return { ...filter, search, period: isChosen ? period : defaultPeriod(search) };
}

function parsePeriod(params: URLSearchParams): EventPeriod | null {
  const [from, to] = [params.get("from"), params.get("to")];
  if (from !== null && to !== null && isDay(from) && isDay(to) && from <= to) return { from, to };
  const days = Number(params.get("days"));
  return Number.isInteger(days) && days >= 1 && days <= KEPT_DAYS ? { days } : null;
}

function isDay(text: string): boolean {
  if (!/^20\d\d-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function listValues(params: URLSearchParams, name: string): string[] {
  const values = params.getAll(name).flatMap((value) => cleanText(value, LONGEST_VALUE) ?? []);
  return [...new Set(values)].slice(0, LONGEST_LIST);
}

function parseChoice<Value extends string>(
  values: readonly Value[],
  given: string | null,
): Value | null {
  return values.find((value) => value === given) ?? null;
}

/** An event's page. An id that was given by hand may stand for an event of each name. */
export function toEventUrl(event: { eventId: string; kind: string; idSource: IdSource }): string {
  const path = `/app/events/${encodeURIComponent(event.eventId)}`;
  return event.idSource === "given" ? `${path}?name=${encodeURIComponent(event.kind)}` : path;
}
