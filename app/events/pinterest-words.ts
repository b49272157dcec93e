/**
 * What Pinterest's words for one event are about. Its texts are not documented: each pattern is of
 * answers that were seen, and one that none fits is about nothing known.
 */
export type PinterestSubject = "field" | "currency" | "value" | "time" | "hash" | "person" | "name";

/** The first that fits counts. */
const PATTERNS: readonly [PinterestSubject, RegExp][] = [
  ["field", /additional propert|was unexpected|unknown (?:field|key|property)/i],
  ["currency", /currency/i],
  ["value", /\b(?:value|item_price|price)\b.*\b(?:number|decimal|numeric)/i],
  ["time", /event_time|timestamp|\bolder than\b|in the future/i],
  ["hash", /sha-?256|hash/i],
  ["person", /user_data|identif|\bem\b|match key/i],
  ["name", /event_name/i],
];

/** Finds what Pinterest's words about an event that it rejected are about. */
export function findSubject(words: string): PinterestSubject | null {
  return PATTERNS.find(([, pattern]) => pattern.test(words))?.[0] ?? null;
}

const FIELD_NAME = /'(?<quoted>[\w.]+)'|unknown (?:field|key|property)[\s:]+["`]?(?<plain>[\w.]+)/i;

/** Finds the name of the field that words about a field speak of; empty: they name none. */
export function findFieldName(words: string): string {
  const { quoted, plain } = FIELD_NAME.exec(words)?.groups ?? {};
  return quoted ?? plain ?? "";
}

/**
 * An event whose words speak of a passing fault is tried again: giving it up costs a conversion,
 * one more request costs nothing.
 */
const PASSING_FAULT = /\b(?:temporar|try again|internal|timed? ?out|unavailable|overload)/i;

/** Whether Pinterest's words about an event speak of a fault that passes. */
export function isPassingFault(words: string): boolean {
  return PASSING_FAULT.test(words);
}
