import { describeKind, describeSource } from "#app/admin/shell/describe-state.server.ts";
import {
  defaultPeriod,
  EVENT_TABS,
  type EventFilter,
  KEPT_DAYS,
} from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { UNSENT_REASONS } from "#app/events/event-state.ts";
import type { EventPage } from "./read-event-page.server.ts";
import { eventsTexts } from "./texts.ts";
import type { AppliedKey, EventListFacts, FilterChoice } from "./view.ts";

const { filters } = eventsTexts;

/** What narrows the list beside its tab and its search. */
export function describeApplied(filter: EventFilter, format: Formatter): EventListFacts["applied"] {
  const lists: [AppliedKey, string, string[]][] = [
    ["kind", filters.kind, filter.kinds.map(describeKind)],
    ["state", filters.state, filter.states.map((state) => eventsTexts.states[state])],
    ["reason", filters.reason, filter.reasons.map((reason) => eventsTexts.reasons[reason])],
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
      label: say(eventsTexts.applied, { name, values: values.join(", ") }),
    }));
}

function isDefaultPeriod({ period, search }: EventFilter): boolean {
  return "days" in period && period.days === defaultPeriod(search).days;
}

/** `Last 7 days`, `Nov 1 to Nov 3` */
export function namePeriod({ period }: EventFilter, format: Formatter): string {
  if ("days" in period) return nameDays(period.days);
  const { from, to } = period;
  return say(eventsTexts.periods.range, { from: format.day(from), to: format.day(to) });
}

const PERIODS = [1, 7, 14, 30, KEPT_DAYS];

/** Of kinds and sources, those that the period has, and those that are chosen already. */
export function describeChoices(
  { kinds, sources }: Pick<EventPage, "kinds" | "sources">,
  filter: EventFilter,
): EventListFacts["choices"] {
  return {
    kinds: toChoices([...kinds, ...filter.kinds], describeKind),
    states: EVENT_TABS.all.map((state) => ({ value: state, label: eventsTexts.states[state] })),
    reasons: UNSENT_REASONS.map((reason) => ({
      value: reason,
      label: eventsTexts.reasons[reason],
    })),
    sources: toChoices(["store", ...sources, ...filter.sources], nameSource),
    periods: PERIODS.map((days) => ({ value: String(days), label: nameDays(days) })),
  };
}

function nameSource(source: string): string {
  return source === "store" ? eventsTexts.storeSources : describeSource(source);
}

function nameDays(days: number): string {
  return days === 1 ? eventsTexts.periods.today : say(eventsTexts.periods.days, { n: days });
}

function toChoices(values: readonly string[], name: (value: string) => string): FilterChoice[] {
  return [...new Set(values)].map((value) => ({ value, label: name(value) }));
}
