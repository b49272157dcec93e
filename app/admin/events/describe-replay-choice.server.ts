import type { Formatter } from "#app/admin/format/formatter.server.ts";
import { eventsTexts } from "#app/texts/events/events.ts";
import { say } from "#app/texts/say.ts";
import type { LeftOut, ReplayChoice } from "./read-replay-choice.server.ts";

/** What the dialog says before events are sent again. */
export interface ReplayQuestion {
  title: string;
  lines: string[];
  /** Of the button; null where there is nothing to send. */
  confirm: string | null;
  /** Names this question: answered twice, it starts one run. */
  token: string;
}

const { again } = eventsTexts;

export function describeReplayChoice(
  { rows, leftOut }: ReplayChoice,
  { locale }: Pick<Formatter, "locale">,
  token: string,
): ReplayQuestion {
  const n = rows.length;
  const left = describeLeftOut(leftOut, { locale });
  const total = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
  const leftLine = left === null ? [] : [say(again.leftOut, { list: left, n: total }, locale)];
  if (n === 0) return { title: again.nothing, lines: leftLine, confirm: null, token };
  return {
    title: say(again.question, { n }, locale),
    lines: [[say(again.keepsId, { n }), ...leftLine].join(" "), again.final],
    confirm: say(again.confirm, { n }, locale),
    token,
  };
}

/** `3 accepted and 2 too late`; null where nothing is left out. */
export function describeLeftOut(
  leftOut: LeftOut | Record<string, number>,
  { locale }: Pick<Formatter, "locale">,
): string | null {
  const parts = Object.entries(leftOut).flatMap(([why, n]) =>
    n > 0 && isReason(why) ? [say(again[why], { n }, locale)] : [],
  );
  return parts.length === 0 ? null : new Intl.ListFormat("en").format(parts);
}

/** A run's page reads what an older version may have stored. */
function isReason(why: string): why is keyof LeftOut {
  return /^(accepted|waiting|not_sent|too_late|no_content|over_limit)$/.test(why);
}
