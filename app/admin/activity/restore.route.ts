import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/server-runtime";
import { describeDifference } from "#app/admin/shell/describe-setting.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { previewRestore, restoreSettings } from "#app/shops/settings/change-settings.server.ts";
import { activityTexts } from "./texts.ts";

/** What restoring a version would change. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  const { shop } = await context.merchant();
  const version = toVersion(new URL(request.url).searchParams.get("version"));
  const preview = await previewRestore(context, { shopId: shop.id, version });
  return describeRestore(preview);
}

export async function action({ context }: ActionFunctionArgs) {
  const merchant = await context.merchant();
  const { shop, actor } = merchant;
  const form = await context.form(merchant);
  const result = await restoreSettings(context, {
    domain: shop.domain,
    actor,
    version: toVersion(form.get("version")),
    expectedVersion: toVersion(form.get("currentVersion")),
  });
  if (result.ok) return { problem: null };
  return { problem: result.conflict ? activityTexts.restoreStale : activityTexts.restoreGone };
}

/** Parses a version that fits the column; anything else becomes 0, which no version has. */
function toVersion(given: unknown): number {
  return /^\d{1,9}$/.test(String(given)) ? Number(given) : 0;
}

interface RestorePreview {
  currentVersion: number;
  difference: { before: Record<string, unknown>; after: Record<string, unknown> };
}

/** What restoring would change, in words; without `changes` the version is not kept. */
function describeRestore(preview: RestorePreview | null): {
  changes: string[] | null;
  currentVersion: number;
} {
  if (preview === null) return { changes: null, currentVersion: 0 };
  const { currentVersion, difference } = preview;
  const changes = describeDifference(difference.before, difference.after);
  return {
    currentVersion,
    changes: changes.map((change) => formatMessage(activityTexts.change, { ...change })),
  };
}
