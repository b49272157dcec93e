import type { z } from "zod";
import { cleanText, cleanTyped, dropFormats, isNonValue } from "#app/events/clean-text.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import { contentInput, MAX_TEXT, MOST_ITEMS, PERSONAL_KEYS } from "./event-input.server.ts";
import { EVENT_KEYS, TOP_KEYS } from "./task-input.server.ts";

export interface ReadFields<Fields> {
  /** Those that are right by themselves. */
  fields: Fields;
  faults: FieldFault[];
  /** Keys of faulty fields. */
  faultyKeys: ReadonlySet<string>;
}

/** Checks each field by itself. `given` is of `presentFields`. */
export function readFields<Schema extends z.ZodObject>(
  schema: Schema,
  given: Record<string, unknown>,
): ReadFields<z.infer<Schema>> {
  const read = schema.safeParse(given);
  if (read.success) return { fields: read.data, faults: [], faultyKeys: new Set() };
  const faulty = read.error.issues.flatMap(listFaults);
  const faultyKeys = new Set(faulty.map(({ path }) => String(path[0])));
  const sound = Object.entries(given).filter(([key]) => !faultyKeys.has(key));
  // Two things may be wrong with one field; its rule says both.
  const faults = new Map(faulty.map(({ path, message }) => [showPath(path), message]));
  return {
    fields: schema.parse(Object.fromEntries(sound)),
    faults: [...faults].map(([path, message]) => ({ path, message })),
    faultyKeys,
  };
}

/** Unknown keys of one object that are kept to be named: naming a million stopped the process. */
const MOST_STRAY_KEYS = 20;

const PERSONAL: ReadonlySet<string> = new Set(PERSONAL_KEYS);
/** Fields of free text beside them, ids too: a script without a value writes `undefined` in its place. */
const FREE_TEXT: ReadonlySet<string> = new Set([
  ...["clickId", "clientUserAgent", "clientIpAddress", "eventSourceUrl"],
  ...["eventId", "orderId", "productId", "customEventName"],
  ...["id", "itemName", "itemCategory", "itemBrand", "item_name", "item_category", "item_brand"],
]);

/**
 * The fields that say something: null, blank text, and in free text a word for "no value", mean that
 * a known key is absent. Unknown keys stay, as many as are named.
 */
export function presentFields(schema: z.ZodObject, given: object): Record<string, unknown> {
  let strayKeys = 0;
  const present = Object.entries(given).filter(([key, value]) => {
    if (Object.hasOwn(schema.shape, key)) return !isBlank(value) && !isNoValue(key, value);
    strayKeys += 1;
    return strayKeys <= MOST_STRAY_KEYS;
  });
  return Object.fromEntries(present.map(([key, value]) => [key, presentValue(key, value)]));
}

function isNoValue(key: string, value: unknown): boolean {
  if (typeof value !== "string" || value.length > MAX_TEXT) return false;
  if (PERSONAL.has(key)) return cleanTyped(value) === null;
  return FREE_TEXT.has(key) && isNonValue(dropFormats(value).trim());
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isBlank(value: unknown): boolean {
  return (
    value === null || value === undefined || (typeof value === "string" && /^\s*$/.test(value))
  );
}

/**
 * A list that is too long is cut to one item too many: it is refused as before, but naming each of
 * a million faulty items would stop the process for seconds.
 */
function presentValue(key: string, value: unknown): unknown {
  // Ids that look the same are the same id. Other invalid characters are refused.
  const isText = typeof value === "string" && value.length <= MAX_TEXT;
  if (isText && FREE_TEXT.has(key)) return dropFormats(value);
  if (!Array.isArray(value) || key === "events") return value;
  const bounded = value.slice(0, MOST_ITEMS + 1);
  return key === "contents"
    ? bounded.map((item) => (isRecord(item) ? presentFields(contentInput, item) : item))
    : bounded;
}

type Path = readonly PropertyKey[];

function listFaults(issue: z.core.$ZodIssue): { path: Path; message: string }[] {
  if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
  const isTop = issue.path.length === 0;
  return issue.keys.map((key) => ({
    path: [...issue.path, key],
    message: isTop && TOP_KEYS.includes(key) ? MISPLACED : describeStray(key, isTop),
  }));
}

const MISPLACED = "belongs at the top of the input, beside events: it is the same for all of them";

function describeStray(key: string, isTop: boolean): string {
  const meant = isTop ? findMeantKey(key) : EASY_CONTENT_KEYS.get(simplify(key));
  const cause = "is not a key of the input";
  return meant === undefined ? cause : `${cause}; write ${meant}`;
}

const MAX_SHOWN = 60;

/** `E-Mail`, `e_mail` and `emails` are all one to somebody in a hurry. */
function simplify(key: string): string {
  return key
    .slice(0, MAX_SHOWN)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .replace(/s$/, "");
}

/** The key that somebody in a hurry meant. */
export function findMeantKey(key: string): string | undefined {
  return EASY_KEYS.get(simplify(key));
}

const EASY_KEYS = new Map([...TOP_KEYS, ...EVENT_KEYS].map((key) => [simplify(key), key]));
const EASY_CONTENT_KEYS = new Map(
  Object.keys(contentInput.shape).map((key) => [simplify(key), key]),
);

function showPath(path: Path): string {
  return path.map((key) => cleanText(String(key), MAX_SHOWN) ?? "(blank)").join(".");
}
