import { describeDifference } from "#app/admin/shell/describe-setting.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { activityTexts } from "./texts.ts";

interface RestorePreview {
  currentVersion: number;
  difference: { before: Record<string, unknown>; after: Record<string, unknown> };
}

/** What restoring would change, in words; without `changes` the version is not kept. */
export function describeRestore(preview: RestorePreview | null): {
  changes: string[] | null;
  currentVersion: number;
} {
  if (preview === null) return { changes: null, currentVersion: 0 };
  const { currentVersion, difference } = preview;
  const changes = describeDifference(difference.before, difference.after);
  return {
    currentVersion,
    changes: changes.map((change) => say(activityTexts.change, { ...change })),
  };
}
