import { describeKind } from "#app/admin/shell/describe-state.server.ts";
import { type EventFilter, toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { SKIP_REASONS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { OPEN_DAY_AGE_MS } from "#app/shopify/order-counts.server.ts";
import type { DayCounts, OtherCounts, PeriodCounts, Timing } from "./read-numbers.server.ts";
import { type HomePeriod, homeTexts } from "./texts.ts";

/** A number of a sum, with the list of what it counts behind it. */
export interface Term {
  /** `121 accepted` */
  label: string;
  /** Null: there are no rows to list. */
  url: string | null;
  isBad: boolean;
}

export interface Orders {
  /** What the terms add up to; empty where there is nothing to count. */
  lead: string;
  terms: Term[];
  /** In place of the sentence. */
  empty: string | null;
  byHand: Term | null;
  /** Rate, speed, and what else has to be said of the numbers; a sentence each. */
  notes: string[];
  /** Events of other kinds. */
  others: { label: string; terms: Term[] } | null;
  /** When Shopify counted; null: it has not. */
  countedAt: Moment | null;
  isCountOld: boolean;
  /** Shopify is to be asked. */
  isCountDue: boolean;
  /** The last search for orders without an event. `at`: null where its time does not matter. */
  compared: { text: string; at: Moment | null };
}

export interface OrderFacts {
  period: HomePeriod;
  counts: PeriodCounts;
  others: OtherCounts;
  timing: Timing | null;
  /** The shop sends a purchase when its order is paid. */
  waitsForPayment: boolean;
  /** Whether there ever was an event. */
  hasEvents: boolean;
  /** The last search for orders without an event; null: there was none. */
  sweep: { result: string | null; missing: number; triedAt: Date | null } | null;
}

const texts = homeTexts.orders;

/** Where every order is: one sentence whose terms add up, and what belongs to it. */
export function describeOrders(facts: OrderFacts, format: Formatter): Orders {
  const { counts, others } = facts;
  const total = addUp(counts.days);
  const { countedAt, isCountDue } = counts;
  return {
    ...describeSentence(total, facts, format),
    byHand: others.byHand === 0 ? null : describeByHand(facts, format),
    notes: describeNotes(total, facts, format),
    others: describeOthers(facts, format),
    compared: describeCompared(facts, format),
    countedAt: countedAt === null ? null : format.moment(countedAt),
    isCountOld:
      countedAt !== null && format.now.getTime() - countedAt.getTime() > 2 * OPEN_DAY_AGE_MS,
    isCountDue,
  };
}

type Total = Omit<DayCounts, "day"> & { received: number; orders: number };

export function addUp(days: readonly DayCounts[]): Total {
  const sum = (of: (day: DayCounts) => number) => days.reduce((all, day) => all + of(day), 0);
  const total = {
    accepted: sum(({ accepted }) => accepted),
    notSent: sum(({ notSent }) => notSent),
    waiting: sum(({ waiting }) => waiting),
    refused: sum(({ refused }) => refused),
    tooLate: sum(({ tooLate }) => tooLate),
    missing: sum(({ missing }) => missing),
    surplus: sum(({ surplus }) => surplus),
    tests: sum(({ tests }) => tests),
  };
  const { accepted, notSent, waiting, refused, tooLate, missing } = total;
  const received = accepted + notSent + waiting + refused + tooLate;
  return { ...total, received, orders: received + missing };
}

type Sentence = Pick<Orders, "lead" | "terms" | "empty">;

function describeSentence(total: Total, facts: OrderFacts, format: Formatter): Sentence {
  const { isCounted } = facts.counts;
  const n = isCounted ? total.orders : total.received;
  if (n === 0 && (isCounted || total.received === 0)) {
    return { lead: "", terms: [], empty: facts.hasEvents ? texts.noneInPeriod : texts.none };
  }
  const term = (text: string, count: number, filter: Partial<EventFilter> | null, isBad = false) =>
    describeTerm(text, count, filter && orderFilter(facts.period, filter), isBad, format);
  // What was skipped as a test is no order: the list must leave it out as the sum does.
  const noTests = total.tests > 0 ? SKIP_REASONS.filter((reason) => reason !== "test_order") : [];
  const start = [
    term(texts.accepted, total.accepted, { tab: "accepted" }),
    term(texts.notSent, total.notSent, { tab: "not-sent", reasons: [...noTests] }),
    term(texts.waiting, total.waiting, { tab: "waiting" }),
  ];
  const count = format.number(n);
  if (!isCounted) {
    const end = [
      term(texts.refused, total.refused, { states: ["rejected"] }, true),
      term(texts.tooLate, total.tooLate, { states: ["expired"] }, true),
    ];
    return {
      lead: formatMessage(texts.leadUncounted, { n, count }),
      terms: [...start, ...end],
      empty: null,
    };
  }
  const problems = total.refused + total.tooLate;
  const lead = total.surplus > 0 ? texts.leadTold : texts.lead;
  return {
    lead: formatMessage(lead, { n, count }),
    terms: [
      ...start,
      term(texts.problem, problems, { tab: "action" }, true),
      term(texts.missing, total.missing, null, !facts.waitsForPayment),
    ],
    empty: null,
  };
}

function orderFilter(period: HomePeriod, filter: Partial<EventFilter>): Partial<EventFilter> {
  return { ...filter, kinds: ["checkout"], sources: ["store"], period: { days: Number(period) } };
}

function describeTerm(
  text: string,
  count: number,
  filter: Partial<EventFilter> | null,
  isBad: boolean,
  format: Formatter,
): Term {
  return {
    label: formatMessage(text, { n: count, count: format.number(count) }),
    url: filter === null ? null : `/app/events?${toEventQuery(filter)}`,
    isBad: isBad && count > 0,
  };
}

function describeByHand({ others, period }: OrderFacts, format: Formatter): Term {
  const filter = { kinds: ["checkout"], sources: ["task"], period: { days: Number(period) } };
  return describeTerm(texts.byHand, others.byHand, filter, false, format);
}

function describeNotes(total: Total, facts: OrderFacts, format: Formatter): string[] {
  const { timing, counts, waitsForPayment } = facts;
  const notes: string[] = [];
  const whole = (counts.isCounted ? total.orders : total.received) - total.notSent;
  if (whole > 0) {
    const share = format.percent(total.accepted, whole);
    const [part, all] = [format.number(total.accepted), format.number(whole)];
    notes.push(formatMessage(texts.rate, { share, part, whole: all }));
  } else if (total.received > 0) notes.push(texts.noRate);
  if (timing !== null) {
    notes.push(
      formatMessage(timing.isCut ? texts.medianOfLatest : texts.median, {
        time: describeSeconds(timing.medianSeconds, format),
        share: format.percent(timing.withinHour, timing.purchases),
        n: format.number(timing.purchases),
      }),
    );
  }
  if (counts.isCounted && total.surplus > 0) {
    notes.push(
      formatMessage(texts.surplus, { n: total.surplus, count: format.number(total.surplus) }),
    );
  }
  if (counts.isCounted && waitsForPayment && total.missing > 0) notes.push(texts.unpaid);
  return notes;
}

function describeSeconds(seconds: number, format: Formatter): string {
  if (seconds < 60) return formatMessage(texts.seconds, { n: format.number(Math.round(seconds)) });
  if (seconds < 3_600)
    return formatMessage(texts.minutes, { n: format.number(Math.round(seconds / 60)) });
  return formatMessage(texts.hours, { n: format.number(Math.round(seconds / 3_600)) });
}

function describeCompared({ sweep }: OrderFacts, format: Formatter): Orders["compared"] {
  const { compared } = texts;
  const { result = null, missing = 0, triedAt = null } = sweep ?? {};
  if (result === null || triedAt === null) return { text: compared.never, at: null };
  if (result === "no_session" || result === "denied") return { text: compared[result], at: null };
  if (result !== "done") return { text: compared.failed, at: null };
  const text = formatMessage(compared.done, { n: missing }, format.locale);
  return { text, at: format.moment(triedAt) };
}

const MOST_NAMED = 3;

function describeOthers({ others, period }: OrderFacts, format: Formatter): Orders["others"] {
  const { kinds } = others;
  const sum = (of: "accepted" | "notSent" | "open" | "problem") =>
    kinds.reduce((all, kind) => all + kind[of], 0);
  const n = sum("accepted") + sum("notSent") + sum("open") + sum("problem");
  if (n === 0) return null;
  const names = kinds.slice(0, MOST_NAMED).map(({ kind }) => describeKind(kind));
  const named = kinds.length > MOST_NAMED ? `${names.join(", ")}, …` : names.join(", ");
  const base = { kinds: kinds.map(({ kind }) => kind), period: { days: Number(period) } };
  const term = (text: string, count: number, filter: Partial<EventFilter>, isBad = false) =>
    count === 0 ? [] : [describeTerm(text, count, { ...base, ...filter }, isBad, format)];
  return {
    label: formatMessage(texts.others, { n, count: format.number(n), kinds: named }),
    terms: [
      ...term(texts.accepted, sum("accepted"), { tab: "accepted" }),
      ...term(texts.notSent, sum("notSent"), { tab: "not-sent" }),
      ...term(texts.waiting, sum("open"), { tab: "waiting" }),
      ...term(texts.problem, sum("problem"), { tab: "action" }, true),
    ],
  };
}
