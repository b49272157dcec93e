import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { NoticeWords } from "#app/events/notices/notice.ts";
import type { NoticeKey } from "#app/events/notices/notices.ts";
import type { OrderProgress, OrderRunFailure } from "#app/runs/order-run-rows.server.ts";
import type { RunReport } from "./read-run.server.ts";
import { runTexts } from "./texts.ts";

const texts = runTexts.orders;
const { badges } = runTexts;

type Badge = { label: string; tone: "info" | "attention" | "success" | "critical" };

/** What stands in place of what other runs have. */
interface OrderFacts {
  badge: Badge;
  back: { label: string; url: string };
  percent: number;
  percentText: string;
  sentence: string;
  notes: string[];
  failure: NoticeWords | null;
  stopping: { question: string; text: string; confirm: string; cancel: string } | null;
  list: { title: string; subject: string; none: string };
}

/** What is special about a run that compares Shopify's orders with the events. */
export function describeOrderRun(
  run: RunReport,
  { since, isDry, progress }: NonNullable<RunReport["orders"]>,
  format: Formatter,
): OrderFacts {
  const { total, totals, planned } = run;
  const share = shareOf(run, { since, progress });
  const sentence = isDry ? texts.drySentence : texts.sentence;
  const none = run.isFinished && !run.hasFailed ? texts.none : texts.noneYet;
  const failure = progress?.failure ?? null;
  return {
    badge: chooseBadge(run),
    back: { label: runTexts.back.reconcile, url: "/app/send?tab=missing" },
    percent: Math.floor(share * 100),
    percentText: formatMessage(runTexts.percentDone, {
      percent: format.percent(Math.floor(share * 1_000), 1_000),
    }),
    sentence:
      total === 0 ? none : formatMessage(sentence, { total, planned, ...totals }, format.locale),
    notes: describeNotes(run, { since, isDry, progress }, format),
    failure: run.hasFailed && failure !== null ? formatNotice(FAILURES[failure], {}) : null,
    stopping: run.canStop ? texts.stopping : null,
    list: {
      title: runTexts.found,
      subject: runTexts.columns.order,
      none,
    },
  };
}

function chooseBadge({ canStop, hasFailed, isFinished, totals }: RunReport): Badge {
  if (hasFailed) return { label: badges.failed, tone: "critical" };
  if (canStop) return { label: badges.checking, tone: "info" };
  if (totals.stopped > 0) return { label: badges.stopped, tone: "attention" };
  return isFinished
    ? { label: badges.done, tone: "success" }
    : { label: badges.answering, tone: "info" };
}

/** How much of the work is done, from 0 to 1: by Shopify's count, else by the time that it has come to. */
function shareOf(
  run: RunReport,
  { since, progress }: { since: Date; progress: OrderProgress | null },
): number {
  if (run.isFinished && !run.hasFailed && run.totals.stopped === 0) return 1;
  if (progress === null) return 0;
  const { orders, expected, through } = progress;
  const byTime =
    (Date.parse(through) - since.getTime()) /
    Math.max(1, run.createdAt.getTime() - since.getTime());
  const listed = expected === null || expected === 0 ? byTime : orders / expected;
  return Math.min(0.99, Math.max(0, listed));
}

function describeNotes(
  run: RunReport,
  { since, isDry, progress }: NonNullable<RunReport["orders"]>,
  { day, dayOf, locale }: Formatter,
): string[] {
  const { orders = 0, expected = null, left, silentSince = null } = progress ?? {};
  const values = { orders, expected: expected ?? 0, since: day(dayOf(since)) };
  const compared = expected === null ? texts.comparedUncounted : texts.compared;
  const count = (text: string, n = 0) => (n === 0 ? [] : [formatMessage(text, { n }, locale)]);
  return [
    ...(isDry ? [texts.dry] : []),
    formatMessage(compared, values, locale),
    ...count(texts.recent, left?.recent),
    ...count(texts.unpaid, left?.unpaid),
    ...(run.canStop && silentSince !== null ? [texts.silent] : []),
    ...(!isDry && run.totals.waiting > 0 && !run.canStop && !run.isSending
      ? [runTexts.paused]
      : []),
  ];
}

/** Why a comparison came to an end before it was done, in words. */
const FAILURES = {
  no_session: "order_check_failed.access",
  denied: "order_check_failed.access",
  silent: "order_check_failed",
  not_found: "order_check_failed",
  unreadable: "order_check_failed.unreadable",
  shop_gone: "order_check_failed.gone",
} as const satisfies Record<OrderRunFailure, NoticeKey>;
