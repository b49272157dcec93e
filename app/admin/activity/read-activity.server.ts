import { csvHeader, csvLine, EXPORT_LIMIT } from "#app/admin/shell/csv.server.ts";
import { describeDifference, settingWords } from "#app/admin/shell/describe-setting.server.ts";
import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { describeActor, kindWords } from "#app/admin/shell/words.ts";
import {
  type AuditKind,
  type AuditRow,
  listActors,
  listAuditEntries,
} from "#app/audit/read-audit-log.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { Notice } from "#app/events/notices/notice.ts";
import type { Database } from "#app/platform/db.server.ts";
import {
  type ActivityFilter,
  activityUrl,
  findStart,
  isFiltered,
} from "./activity-filter.server.ts";
import { actionTexts, activityKinds, activityTexts, factLabels, factValues } from "./texts.ts";

/** Who reads, and in what form. */
interface Reader {
  shop: { id: bigint };
  userId: string;
  format: Formatter;
}

interface ActivityRow {
  id: string;
  at: Moment;
  who: string;
  kind: string;
  /** A line for each fact that changed. */
  changes: string[];
  open: { url: string; label: string } | null;
  /** The version of the settings from before it. */
  restore: { version: number; label: string } | null;
}

interface Option {
  value: string;
  label: string;
}

export interface Activity {
  rows: ActivityRow[];
  isFiltered: boolean;
  people: Option[];
  kinds: Option[];
  periods: Option[];
  /** Addresses of the pages beside this one; null: it is the last. */
  newerUrl: string | null;
  olderUrl: string | null;
}

const PAGE = 50;
/** No shop has more people who change settings; the filter must not grow without bound. */
const MOST_PEOPLE = 100;

/** The page that an entry links to, by its kind; a kind that is absent has none. */
const KIND_PAGES: Partial<Record<AuditKind, string>> = {
  settings: "/app/settings",
  restore: "/app/settings",
  connection: "/app/settings/connection",
  pause: "/app/settings/connection",
  send_again: "/app/events",
  manual_send: "/app/events",
  reveal: "/app/events",
  tag: "/app/tags",
  privacy: "/app/settings/privacy",
};

/** Reads a page of the changes, the latest first. */
export async function readActivity(
  { db }: { db: Pick<Database, "readAsShop"> },
  reader: Reader,
  filter: ActivityFilter,
): Promise<Activity> {
  const { shop, format } = reader;
  const query = { ...filter, since: findStart(filter, format), limit: PAGE + 1 };
  const { entries, actors } = await db.readAsShop(shop.id, async (tx) => ({
    entries: await listAuditEntries(tx, shop.id, query),
    actors: await listActors(tx, shop.id, MOST_PEOPLE),
  }));
  const { page, hasNewer, hasOlder } = cutPage(entries, filter);
  const [first, last] = [page[0], page.at(-1)];
  return {
    rows: page.map((entry) => describeRow(entry, reader)),
    isFiltered: isFiltered(filter),
    people: [
      { value: "", label: activityTexts.anyPerson },
      ...actors.map((actor) => ({ value: actor, label: describeActor(actor, reader.userId) })),
    ],
    kinds: [
      { value: "", label: activityTexts.anyKind },
      ...Object.entries(activityKinds).map(([value, label]) => ({ value, label })),
    ],
    periods: (["all", "1", "7", "30"] as const).map((value) => ({
      value,
      label: activityTexts.periods[value],
    })),
    newerUrl: hasNewer && first ? activityUrl(filter, `newer=${first.id}`) : null,
    olderUrl: hasOlder && last ? activityUrl(filter, `older=${last.id}`) : null,
  };
}

/** One entry more than a page was read, which shows whether there is another page. */
function cutPage(entries: AuditRow[], { older, newer }: ActivityFilter) {
  const hasMore = entries.length > PAGE;
  const page = entries.slice(0, PAGE);
  const isUpwards = older === null && newer !== null;
  if (isUpwards) return { page: page.reverse(), hasNewer: hasMore, hasOlder: true };
  return { page, hasNewer: older !== null, hasOlder: hasMore };
}

function describeRow(entry: AuditRow, { userId, format }: Reader): ActivityRow {
  const at = format.moment(entry.at);
  const kind = activityKinds[entry.kind];
  const url = KIND_PAGES[entry.kind];
  const version = Number(entry.before?.version);
  return {
    id: String(entry.id),
    at,
    who: describeActor(entry.actor, userId),
    kind,
    changes: describeEntry(entry),
    restore: entry.is_restorable
      ? { version, label: formatMessage(activityTexts.restoreLabel, { time: at.text }) }
      : null,
    open:
      url === undefined || entry.is_restorable
        ? null
        : { url, label: formatMessage(activityTexts.openLabel, { kind }) },
  };
}

/** Keys that are of no use to a reader, or hint at a secret. */
const HIDDEN = new Set([
  "version",
  "restored",
  "generation",
  "first",
  "api_key_id",
  "token_ends_with",
  "callback",
  "run",
  "next_at",
  "settings_version",
]);
const SECRET = /token|secret|password|key$|authorization/i;
/** The facts that come first, in this order: the database keeps them in an order of its own. */
const LISTED = Object.keys(factLabels);
const LONGEST_VALUE = 200;

/** What changed, in words: a line for each fact. */
function describeEntry(entry: Pick<AuditRow, "action" | "before" | "after">): string[] {
  const before = entry.before ?? {};
  const after = entry.after ?? {};
  if (entry.action.startsWith("settings.")) {
    const [was, is] = [shown(before), shown(after)];
    return describeDifference(was, is).map((change) =>
      formatMessage(activityTexts.change, { ...change }),
    );
  }
  const names = [...new Set([...LISTED, ...Object.keys(before), ...Object.keys(after)])];
  const facts = names
    .filter((name) => !HIDDEN.has(name))
    .flatMap((name) => {
      const line = describeFact(name, lookUp(before, name), lookUp(after, name));
      return line === null ? [] : [line];
    });
  return [sentenceFor(entry.action), ...facts];
}

function shown(settings: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !HIDDEN.has(name)));
}

function sentenceFor(action: string): string {
  return lookUp(actionTexts, action) ?? inWords(action);
}

function describeFact(name: string, was: unknown, is: unknown): string | null {
  const label = lookUp(factLabels, name) ?? inWords(name);
  if (was === undefined && is === undefined) return null;
  if (SECRET.test(name))
    return formatMessage(activityTexts.fact, { label, value: settingWords.changed });
  const words = name === "event_name" ? kindWords : factValues;
  const [before, after] = [shownValue(was, words), shownValue(is, words)];
  if (before === after) return null;
  if (before !== null && after !== null)
    return formatMessage(activityTexts.change, { label, before, after });
  const value = after ?? before;
  return value === null ? null : formatMessage(activityTexts.fact, { label, value });
}

function shownValue(value: unknown, words: Readonly<Record<string, string>>): string | null {
  // A value of many parts is shown on the page where it was chosen.
  if (value === null || typeof value === "object" || value === undefined || value === "")
    return null;
  const text = String(value);
  return lookUp(words, text) ?? text.slice(0, LONGEST_VALUE);
}

/** `store_tag_id` and `tag.create` as a reader would write them. */
function inWords(name: string): string {
  const words = name.replace(/[._]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const HEADER = ["time", "actor", "who", "kind", "action", "change"];

type ActivityExport = { ok: true; csv: string } | { ok: false; problem: Notice };

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
