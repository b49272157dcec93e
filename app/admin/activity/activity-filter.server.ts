import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import type { AuditKind } from "#app/audit/read-audit-log.server.ts";
import { activityKinds, activityTexts } from "./texts.ts";

const PERIODS = activityTexts.periods;
type Period = keyof typeof PERIODS;

/** The filter that the page's address names. A part that is invalid counts as absent. */
export interface ActivityFilter {
  /** An `audit_entry.actor`. */
  person: string | null;
  kind: AuditKind | null;
  period: Period;
  /** Entries older, or newer, than the one with this id. */
  older: bigint | null;
  newer: bigint | null;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

export function parseActivityFilter(query: URLSearchParams): ActivityFilter {
  const kind = query.get("kind");
  const period = query.get("date") ?? "";
  return {
    person: query.get("person") || null,
    kind: isKind(kind) ? kind : null,
    period: Object.hasOwn(PERIODS, period) ? (period as Period) : "all",
    older: readId(query.get("older")),
    newer: readId(query.get("newer")),
  };
}

function isKind(value: string | null): value is AuditKind {
  return value !== null && Object.hasOwn(activityKinds, value);
}

export function isFiltered({ person, kind, period }: ActivityFilter): boolean {
  return person !== null || kind !== null || period !== "all";
}

/** First moment of the period in the shop's zone; null: from the beginning. */
export function findStart({ period }: ActivityFilter, format: Formatter): Date | null {
  if (period === "all") return null;
  const back = (Number(period) - 1) * DAY_MS;
  return format.startOfDay(format.dayOf(new Date(format.now.getTime() - back)));
}

/** The address of the whole list as a file, and the file's name. */
export function nameExportFile(
  filter: ActivityFilter,
  { dayOf, now }: Formatter,
): { url: string; name: string } {
  const url = activityUrl(filter).replace("/activity", "/activity/export");
  return { url, name: `pinrelay-activity-${dayOf(now)}.csv` };
}

/** The address of a list with this filter; `cursor` as in `older=12`. */
export function activityUrl({ person, kind, period }: ActivityFilter, cursor?: string): string {
  const query = new URLSearchParams();
  if (person !== null) query.set("person", person);
  if (kind !== null) query.set("kind", kind);
  if (period !== "all") query.set("date", period);
  const parts = [query.toString(), cursor ?? ""].filter((part) => part !== "");
  return `/app/settings/activity${parts.length > 0 ? `?${parts.join("&")}` : ""}`;
}

function readId(value: string | null): bigint | null {
  return value !== null && /^\d{1,18}$/.test(value) ? BigInt(value) : null;
}
