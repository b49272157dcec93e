import { describeDifference } from "#app/admin/shell/describe-setting.server.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { describeActor } from "#app/admin/shell/words.ts";
import type { TestResult } from "#app/alerts/send-test-alert.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { NoticeWords } from "#app/events/notices/notice.ts";
import { findSetting, SETTINGS } from "#app/events/settings-table.ts";
import { alertTexts, conflictTexts, noCountryFault, settingsTexts } from "./texts.ts";

/** What a page shows about settings that somebody saved in the meantime. */
interface Conflict {
  version: number;
  settings: object;
  actor: string;
  savedAt: Date | null;
  difference: { before: Record<string, unknown>; after: Record<string, unknown> } | null;
}

interface ConflictNotice {
  title: string;
  cause: string;
  /** Heading of `changes`. */
  theirs: string;
  changes: string[];
  /** What is saved now. */
  version: number;
  settings: object;
}

export function describeConflict(
  { version, settings, actor, savedAt, difference }: Conflict,
  { userId, format }: { userId: string; format: Formatter },
): ConflictNotice {
  const who = describeActor(actor, userId);
  const time = savedAt === null ? null : format.moment(savedAt).text;
  const { title, cause } = formatNotice("settings_conflict", { who, time: time ?? "" });
  const changes =
    difference === null
      ? [conflictTexts.notKept]
      : describeDifference(difference.before, difference.after).map((change) =>
          formatMessage(conflictTexts.change, { ...change }),
        );
  return {
    title: time === null ? formatMessage(conflictTexts.titleNoTime, { who }) : title,
    cause,
    theirs: formatMessage(conflictTexts.theirs, { who }),
    changes,
    version,
    settings,
  };
}

interface FaultNotice {
  summary: string;
  /** Beneath its field, by setting. */
  fields: Record<string, string>;
}

export function describeFaults(
  faults: readonly { path: string; code?: "no_country" }[],
): FaultNotice {
  const fields = faults.map(
    ({ path, code }) => [path, code === undefined ? textFor(path) : noCountryFault] as const,
  );
  return {
    summary: formatMessage(settingsTexts.faults, { n: faults.length }),
    fields: Object.fromEntries(fields),
  };
}

function textFor(path: string): string {
  return (findSetting(path) ?? SETTINGS.source).fault;
}

/** The result of a test alert, a line for each destination. */
export interface TestAnswer {
  results: { text: string; problem: NoticeWords | null }[];
  /** Why none was sent. */
  problem: NoticeWords | null;
}

export function describeTest(results: readonly TestResult[]): TestAnswer {
  return {
    results: results.map(({ channel, name, outcome }) => ({
      text: formatMessage(alertTexts.reached[channel], { name }),
      problem: outcome.ok
        ? null
        : formatNotice("alert_undelivered", { address: name, why: outcome.why }),
    })),
    problem: null,
  };
}

export function describeTestLimit(seconds: number): TestAnswer {
  return { results: [], problem: formatNotice("test_limit.alerts", { seconds }) };
}
