import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "./format/say.ts";

/** What is left out of a run, and why. */
export interface LeftOut {
  accepted: number;
  waiting: number;
  not_sent: number;
  /** Older than Pinterest takes. */
  too_late: number;
  /** Past the time for which its content is kept. */
  no_content: number;
  /** Over the limit of one run. */
  over_limit: number;
}

const leftOutTexts = {
  accepted: "{n, number} accepted",
  waiting: "{n, number} waiting",
  not_sent: "{n, number} not sent",
  too_late: "{n, number} too late",
  no_content: "{n, number} with deleted content",
  over_limit: "{n, number} over the limit of 50,000 a run",
} satisfies Record<keyof LeftOut, string>;

/** `3 accepted and 2 too late`; null where nothing is left out. */
export function describeLeftOut(
  leftOut: LeftOut | Record<string, number>,
  { locale }: Pick<Formatter, "locale">,
): string | null {
  const parts = Object.entries(leftOut).flatMap(([why, n]) =>
    n > 0 && isReason(why) ? [say(leftOutTexts[why], { n }, locale)] : [],
  );
  return parts.length === 0 ? null : new Intl.ListFormat("en").format(parts);
}

/** A run's page reads what an older version may have stored. */
function isReason(why: string): why is keyof LeftOut {
  return /^(accepted|waiting|not_sent|too_late|no_content|over_limit)$/.test(why);
}
