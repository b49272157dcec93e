import { describeLeftOut } from "#app/admin/shell/describe-left-out.server.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import type { ReplayChoice } from "./read-replay-choice.server.ts";
import { eventsTexts } from "./texts.ts";

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
