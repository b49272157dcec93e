import {
  describeKind,
  describeReason,
  type StateBadge,
} from "#app/admin/shell/describe-state.server.ts";
import { toEventUrl } from "#app/admin/shell/event-filter.ts";
import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { describeLeftOut } from "#app/admin/shell/words.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { NoticeWords } from "#app/events/notices/notice.ts";
import type { NoticeKey } from "#app/events/notices/notices.ts";
import { replayTexts } from "#app/events/replay-rule.ts";
import type { OrderProgress, OrderRunFailure } from "#app/runs/order-run-rows.server.ts";
import { RUN_PAGE_ROWS, type RunItem, type RunReport } from "./read-run.server.ts";
import { runTexts } from "./texts.ts";

/** A run's page, as the server has written it. */
export interface RunFacts {
  id: string;
  title: string;
  back: { label: string; url: string };
  badge: { label: string; tone: "info" | "attention" | "success" | "critical" | null };
  startedAt: Moment;
  endedAt: Moment | null;
  /** The file's name, for a run from a file. */
  file: string | null;
  /** How the events were chosen, and the list of them where a filter did. */
  chosen: { text: string; url: string | null } | null;
  leftOut: string | null;
  /** 0 to 100, whole: 100 only when nothing waits. */
  percent: number;
  percentText: string;
  /** The terms add up to the first number. */
  sentence: string;
  /** Why it waits, and other notes; a sentence or two each. */
  notes: string[];
  /** Why it ended before it was done. */
  failure: NoticeWords | null;
  /** The question before it is stopped; null where there is nothing to stop. */
  stopping: { question: string; text: string; confirm: string; cancel: string } | null;
  isFinished: boolean;
  fileName: string;
  /** The heading of the list, of its second column, and what stands in place of an empty one. */
  list: { title: string; subject: string; none: string };
  lines: RunLine[];
  range: string | null;
  /** Page numbers, from 0. */
  next: number | null;
  previous: number | null;
}

export interface RunLine {
  /** `12` */
  place: string;
  /** The kind of event, or the order. */
  subject: string;
  eventId: string | null;
  url: string | null;
  outcome: StateBadge;
  why: string | null;
}

const { badges, orders: orderTexts } = runTexts;

/** A run in the reader's words. */
export function describeRun(run: RunReport, format: Formatter): RunFacts {
  const { id, kind, total, totals, page } = run;
  const { locale } = format;
  const isReplay = kind === "replay";
  const left = describeLeftOut(run.leftOut, format);
  const last = Math.min((page + 1) * RUN_PAGE_ROWS, total);
  return {
    id: String(id),
    title: runTexts.titles[kind],
    back: { label: runTexts.back[kind], url: isReplay ? "/app/events" : "/app/send" },
    badge: chooseBadge(run),
    startedAt: format.moment(run.createdAt),
    endedAt: run.finishedAt === null ? null : format.moment(run.finishedAt),
    file: run.fileName === null ? null : formatMessage(runTexts.file, { name: run.fileName }),
    chosen: isReplay ? describeChosen(run) : null,
    leftOut: left === null ? null : formatMessage(runTexts.leftOut, { list: left }),
    percent: Math.floor(((total - totals.waiting) / total) * 100),
    percentText: formatMessage(runTexts.percentDone, {
      percent: format.percent(total - totals.waiting, total),
    }),
    sentence: formatMessage(runTexts.sentence, { total, ...totals }, locale),
    notes: !run.isFinished && !run.isSending ? [runTexts.paused] : [],
    failure: null,
    stopping: run.canStop
      ? {
          ...runTexts.stopping,
          text: formatMessage(runTexts.stopping.text, { n: totals.waiting }, locale),
        }
      : null,
    isFinished: run.isFinished,
    fileName: formatMessage(runTexts.resultFile, { id: String(id) }),
    list: { title: runTexts.events, subject: runTexts.columns.event, none: "" },
    lines: run.items.map((item) => toLine(item, format)),
    range: describeRange(run, last, format),
    next: last < total && run.items.length > 0 ? page + 1 : null,
    previous: page > 0 ? page - 1 : null,
    ...(run.orders !== null && describeOrderRun(run, run.orders, format)),
  };
}

function chooseBadge({ canStop, isFinished, totals }: RunReport): RunFacts["badge"] {
  if (totals.stopped > 0) return { label: badges.stopped, tone: "attention" };
  if (canStop) return { label: badges.running, tone: "info" };
  return isFinished
    ? { label: badges.done, tone: "success" }
    : { label: badges.answering, tone: "info" };
}

function describeChosen({ query }: RunReport): RunFacts["chosen"] {
  const { filter, ticked } = runTexts.chosen;
  return query === null
    ? { text: ticked, url: null }
    : { text: filter, url: `/app/events?${query}` };
}

function describeRange({ items, page, total }: RunReport, last: number, format: Formatter) {
  if (items.length === 0) return null;
  const first = format.number(page * RUN_PAGE_ROWS + 1);
  return formatMessage(runTexts.range, {
    first,
    last: format.number(last),
    total: format.number(total),
  });
}

function toLine(item: RunItem, format: Formatter): RunLine {
  const { place, eventId, eventName, eventState, orderName, why } = item;
  const isKnown = eventState !== null && eventId !== null && eventName !== null;
  return {
    place: format.number(place + 1),
    subject: orderName ?? (eventName === null ? "–" : describeKind(eventName)),
    eventId,
    url: isKnown ? toEventUrl({ eventId, kind: eventName, idSource: "given" }) : null,
    outcome: toBadge(item),
    why: describeWhy(why, eventName),
  };
}

/** Turns our codes into words; Pinterest's own words and the faults of rows stay as they are. */
export function describeWhy(why: string | null, eventName: string | null): string | null {
  if (why === null) return null;
  const words = lookUp({ ...replayTexts, ...runTexts.left }, why);
  return words ?? describeReason({ reason: why, kind: eventName ?? "", source: "" });
}

function toBadge({ outcome, eventState }: RunItem): StateBadge {
  const { outcomes } = runTexts;
  const badge = (label: string, tone: StateBadge["tone"], progress: StateBadge["progress"]) => ({
    label,
    tone,
    progress,
    isNoted: false,
  });
  switch (outcome) {
    case "accepted":
      return badge(outcomes.accepted, "success", "complete");
    case "rejected":
      return eventState === "expired"
        ? badge(outcomes.expired, "critical", "complete")
        : badge(outcomes.rejected, "critical", "complete");
    case "waiting":
      return badge(outcomes.waiting, null, "incomplete");
    case "left":
      return badge(outcomes.left, null, null);
    case "planned":
      return badge(outcomes.planned, "info", null);
    case "stopped":
      return badge(outcomes.stopped, null, null);
  }
}

/** The fields that differ from those of other runs. */
type OrderFacts = Pick<
  RunFacts,
  | "badge"
  | "back"
  | "percent"
  | "percentText"
  | "sentence"
  | "notes"
  | "failure"
  | "stopping"
  | "list"
>;

/** Describes a run that compares Shopify's orders with the events. */
function describeOrderRun(
  run: RunReport,
  { since, isDry, progress }: NonNullable<RunReport["orders"]>,
  format: Formatter,
): OrderFacts {
  const { total, totals, planned } = run;
  const share = shareDone(run, { since, progress });
  const sentence = isDry ? orderTexts.drySentence : orderTexts.sentence;
  const none = run.isFinished && !run.hasFailed ? orderTexts.none : orderTexts.noneYet;
  const failure = progress?.failure ?? null;
  return {
    badge: chooseOrderBadge(run),
    back: { label: runTexts.back.reconcile, url: "/app/send?tab=missing" },
    percent: Math.floor(share * 100),
    percentText: formatMessage(runTexts.percentDone, {
      percent: format.percent(Math.floor(share * 1_000), 1_000),
    }),
    sentence:
      total === 0 ? none : formatMessage(sentence, { total, planned, ...totals }, format.locale),
    notes: describeOrderNotes(run, { since, isDry, progress }, format),
    failure: run.hasFailed && failure !== null ? formatNotice(FAILURES[failure], {}) : null,
    stopping: run.canStop ? orderTexts.stopping : null,
    list: {
      title: runTexts.found,
      subject: runTexts.columns.order,
      none,
    },
  };
}

function chooseOrderBadge({
  canStop,
  hasFailed,
  isFinished,
  isStopped,
}: RunReport): RunFacts["badge"] {
  if (hasFailed) return { label: badges.failed, tone: "critical" };
  if (canStop) return { label: badges.checking, tone: "info" };
  if (isStopped) return { label: badges.stopped, tone: "attention" };
  return isFinished
    ? { label: badges.done, tone: "success" }
    : { label: badges.answering, tone: "info" };
}

/**
 * The share of the work that is done, from 0 to 1: by Shopify's count, else by the time reached.
 */
function shareDone(
  run: RunReport,
  { since, progress }: { since: Date; progress: OrderProgress | null },
): number {
  if (run.isFinished && !run.hasFailed && !run.isStopped) return 1;
  if (progress === null) return 0;
  const { orders, expected, through } = progress;
  const byTime =
    (Date.parse(through) - since.getTime()) /
    Math.max(1, run.createdAt.getTime() - since.getTime());
  const listed = expected === null || expected === 0 ? byTime : orders / expected;
  return Math.min(0.99, Math.max(0, listed));
}

function describeOrderNotes(
  run: RunReport,
  { since, isDry, progress }: NonNullable<RunReport["orders"]>,
  { day, dayOf, locale }: Formatter,
): string[] {
  const { orders = 0, expected = null, left, silentSince = null } = progress ?? {};
  const values = { orders, expected: expected ?? 0, since: day(dayOf(since)) };
  const compared = expected === null ? orderTexts.comparedUncounted : orderTexts.compared;
  const count = (text: string, n = 0) => (n === 0 ? [] : [formatMessage(text, { n }, locale)]);
  return [
    ...(isDry ? [orderTexts.dry] : []),
    formatMessage(compared, values, locale),
    ...count(orderTexts.recent, left?.recent),
    ...count(orderTexts.unpaid, left?.unpaid),
    ...(run.canStop && silentSince !== null ? [orderTexts.silent] : []),
    ...(!isDry && run.totals.waiting > 0 && !run.canStop && !run.isSending
      ? [runTexts.paused]
      : []),
  ];
}

/** The notice for each reason that ended a comparison early. */
const FAILURES = {
  no_session: "order_check_failed.access",
  denied: "order_check_failed.access",
  silent: "order_check_failed",
  not_found: "order_check_failed",
  unreadable: "order_check_failed.unreadable",
  shop_gone: "order_check_failed.gone",
} as const satisfies Record<OrderRunFailure, NoticeKey>;
