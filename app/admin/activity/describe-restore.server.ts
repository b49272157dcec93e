import { describeDifference } from "#app/admin/settings/describe-setting.server.ts";
import { say } from "#app/texts/say.ts";
import { activityTexts } from "#app/texts/settings/activity.ts";

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
