import { csvHeader, csvLine, EXPORT_LIMIT } from "#app/admin/shell/format/csv.server.ts";
import { describeActor } from "#app/admin/shell/words.ts";
import { listAuditEntries } from "#app/audit/read-audit-log.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { Notice } from "#app/events/notices/notice.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type ActivityFilter, findStart } from "./activity-filter.server.ts";
import { describeEntry, type Reader } from "./read-activity.server.ts";
import { activityTexts } from "./texts.ts";

const HEADER = ["time", "actor", "who", "kind", "action", "change"];

export type ActivityExport = { ok: true; csv: string } | { ok: false; problem: Notice };

/** What a filter lets through, as CSV: one line for an entry, times in UTC. */
export async function exportActivity(
  { db }: { db: Pick<Database, "readAsShop"> },
  { shop, userId, format }: Reader,
  filter: ActivityFilter,
): Promise<ActivityExport> {
  const since = findStart(filter, format);
  const query = { ...filter, older: null, newer: null, since, limit: EXPORT_LIMIT + 1 };
  const entries = await db.readAsShop(shop.id, (tx) => listAuditEntries(tx, shop.id, query));
  if (entries.length > EXPORT_LIMIT) {
    const n = formatMessage(activityTexts.tooMany, { limit: EXPORT_LIMIT });
    return { ok: false, problem: formatNotice("export_too_large", { n }) };
  }
  const lines = entries.map((entry) =>
    csvLine([
      entry.at.toISOString(),
      entry.actor,
      describeActor(entry.actor, userId),
      entry.kind,
      entry.action,
      describeEntry(entry).join("; "),
    ]),
  );
  return { ok: true, csv: [csvHeader(HEADER), ...lines].join("") };
}
