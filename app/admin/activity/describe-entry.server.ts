import { describeDifference } from "#app/admin/shell/describe-setting.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { settingWords } from "#app/admin/shell/setting-words.ts";
import { kindWords } from "#app/admin/shell/words.ts";
import type { AuditRow } from "#app/audit/read-audit-log.server.ts";
import { lookUp } from "#app/events/look-up.ts";
import { actionTexts, activityTexts, factLabels, factValues } from "./texts.ts";

/** Of no use to a reader, or a hint at what is secret. */
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
/** First, and in this order: the database keeps the facts of an entry in one of its own. */
const LISTED = Object.keys(factLabels);
const LONGEST_VALUE = 200;

/** What changed, in words: a line for each fact. */
export function describeEntry(entry: Pick<AuditRow, "action" | "before" | "after">): string[] {
  const before = entry.before ?? {};
  const after = entry.after ?? {};
  if (entry.action.startsWith("settings.")) {
    const [was, is] = [shown(before), shown(after)];
    return describeDifference(was, is).map((change) => say(activityTexts.change, { ...change }));
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
  if (SECRET.test(name)) return say(activityTexts.fact, { label, value: settingWords.changed });
  const words = name === "event_name" ? kindWords : factValues;
  const [before, after] = [shownValue(was, words), shownValue(is, words)];
  if (before === after) return null;
  if (before !== null && after !== null) return say(activityTexts.change, { label, before, after });
  const value = after ?? before;
  return value === null ? null : say(activityTexts.fact, { label, value });
}

function shownValue(value: unknown, words: Readonly<Record<string, string>>): string | null {
  // A choice of many parts is on the page that it was made on.
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
