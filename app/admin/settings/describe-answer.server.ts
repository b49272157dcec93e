import { describeDifference } from "#app/admin/shell/describe-setting.server.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { describeActor } from "#app/admin/shell/words.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import { findSetting, SETTINGS } from "#app/events/settings-table.ts";
import { conflictTexts, noCountryFault, settingsTexts } from "./texts.ts";

/** What a page must know of settings that somebody saved in the meantime. */
interface Conflict {
  version: number;
  settings: object;
  actor: string;
  savedAt: Date | null;
  difference: { before: Record<string, unknown>; after: Record<string, unknown> } | null;
}

export interface ConflictNotice {
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

export interface FaultNotice {
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
