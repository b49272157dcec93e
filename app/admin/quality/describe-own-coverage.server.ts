import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { customKind, kindWords } from "#app/admin/shell/words.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { type MatchKey, matchKeysFromBits } from "#app/events/match-keys.ts";
import type { RecentSum, RecentSums } from "./read-recent-sums.server.ts";
import { qualityTexts } from "./texts.ts";

/** A cell of a table of shares; `percent` draws the bar, null where nothing is known. */
export interface ShareCell {
  text: string;
  percent: number | null;
  isLow: boolean;
}

export interface ShareRow {
  kind: string;
  /** Pinterest's name of the event. */
  apiName: string;
  /** How many events the row counts, as "1,204 events"; empty where that is not known. */
  total: string;
  cells: ShareCell[];
}

export interface ShareTable {
  caption: string;
  columns: string[];
  rows: ShareRow[];
  /** Pinterest's words about what is wrong. */
  issues: { where: string; name: string; reason: string }[];
}

export interface OwnCoverage {
  /** Null: it could not be counted in time. */
  table: ShareTable | null;
  note: string;
}

const texts = qualityTexts.own;
const PLACE: readonly MatchKey[] = ["ct", "st", "zp", "country"];

type Column = keyof typeof texts.columns;
const COLUMNS = Object.keys(texts.columns) as Column[];

/** How many of some events carry each key. */
export type KeyCounts = { total: number } & Record<Column, number>;

/** The table of our own records, the most frequent kind first, purchases before all. */
export function describeOwnCoverage(recent: RecentSums | null, format: Formatter): OwnCoverage {
  if (recent === null) return { table: null, note: texts.failed };
  const counts = countKeys(recent.sums);
  const rows = [...counts].map(([kind, keys]) => describeRow(kind, keys, format));
  const day = format.day(recent.sinceDay);
  const over =
    recent.cappedAt === null
      ? formatMessage(texts.since, { day })
      : formatMessage(texts.capped, { n: format.number(recent.cappedAt), day });
  return {
    table: { caption: texts.caption, columns: Object.values(texts.columns), rows, issues: [] },
    note: rows.length === 0 ? `${texts.none} ${over}` : over,
  };
}

/** The counts of each kind of event: purchases first, then the most frequent. */
export function countKeys(sums: readonly RecentSum[]): Map<string, KeyCounts> {
  const counts = new Map<string, KeyCounts>();
  for (const { kind, keyBits, n } of sums) {
    const known = counts.get(kind) ?? emptyCounts();
    known.total += n;
    for (const column of listColumns(keyBits)) known[column] += n;
    counts.set(kind, known);
  }
  const rank = ([kind, { total }]: [string, KeyCounts]) =>
    kind === "checkout" ? Number.POSITIVE_INFINITY : total;
  return new Map([...counts].sort((one, other) => (rank(other) > rank(one) ? 1 : -1)));
}

function emptyCounts(): KeyCounts {
  const zeros = Object.fromEntries(COLUMNS.map((column) => [column, 0])) as Record<Column, number>;
  return { total: 0, ...zeros };
}

function listColumns(keyBits: number): Column[] {
  const keys = new Set(matchKeysFromBits(keyBits));
  return COLUMNS.filter((column) => {
    if (column === "name") return keys.has("fn") || keys.has("ln");
    if (column === "place") return PLACE.some((key) => keys.has(key));
    return keys.has(column);
  });
}

function describeRow(kind: string, keys: KeyCounts, format: Formatter): ShareRow {
  return {
    kind: lookUp(kindWords, kind) ?? formatMessage(customKind, { name: kind }),
    apiName: kind,
    total: formatMessage(texts.total, { n: keys.total }, format.locale),
    cells: COLUMNS.map((column) => ({
      text: format.percent(keys[column], keys.total),
      percent: (keys[column] / keys.total) * 100,
      isLow: false,
    })),
  };
}
