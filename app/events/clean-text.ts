/**
 * Invisible characters that still make a text a different one: control and format characters (among
 * them soft hyphens, byte order marks and direction marks), variation selectors, other characters
 * that are drawn as nothing, and unpaired surrogates, which Postgres and Pinterest reject.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]+/gu;
/** The same without the joiners, because Persian and Indian words are spelt with them. */
const INVISIBLE_BUT_JOINERS =
  /(?:(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}])+/gu;
const FORMATS = /[\p{Cf}\p{Default_Ignorable_Code_Point}]+/gu;
/** A joiner that is not inside a word. A combining mark may carry one at the word's end, as in Malayalam. */
const STRAY_JOINER =
  /(?<![\p{L}\p{M}])[\u200c\u200d]+|(?<!\p{M})[\u200c\u200d]+(?![\p{L}\p{M}\u200c\u200d])/gu;

/** Most text is plain, and this check costs a tenth of what the patterns for all scripts cost. */
const PLAIN = /^[ -~]*$/;

/** Removes invisible characters. Does not trim. */
export function dropInvisible(value: string): string {
  return PLAIN.test(value) ? value : value.replace(INVISIBLE, "");
}

/** Removes format characters only: in an id, a control character is a fault to report. */
export function dropFormats(value: string): string {
  return value.replace(FORMATS, "");
}

/**
 * Makes text fit for a column and for JSON, with at most `maxLength` UTF-16 units. Null when
 * nothing is left.
 */
export function cleanText(value: string | null | undefined, maxLength: number): string | null {
  if (value === undefined || value === null || value === "") return null;
  const bounded = value.length > maxLength ? value.slice(0, maxLength) : value;
  return dropInvisible(bounded).trim() || null;
}

/** The same, and null for a word that means "no value": a SKU of `N/A` identifies no product. */
export function meaningfulText(value: string | null | undefined, maxLength: number): string | null {
  const text = cleanText(value, maxLength);
  return text === null || saysNothing(text) ? null : text;
}

/** Text that a person typed, after cleaning: only clean text is checked, hashed or made a key. */
export type Typed = string & { readonly typed: unique symbol };

/** A limit in UTF-16 units; no name, address, number or id of a person is as long. */
const MAX_TYPED = 1_000;

/** White space that is seen, as no byte order mark is. */
const SPACE = /[\t\n\v\f\r\p{Z}]/gu;

/** Cleans text; null where it means "no value". */
export function cleanTyped(value: string): Typed | null {
  if (value.length > MAX_TYPED) return null;
  return sayingSomething(dropInvisible(value).trim());
}

/**
 * Cleans a name, and keeps the joiners inside its words. Every kind of white space between them
 * becomes a space: nobody sees a difference.
 */
export function cleanName(value: string): Typed | null {
  if (value.length > MAX_TYPED || PLAIN.test(value)) return cleanTyped(value);
  const spaced = value.trim().replace(SPACE, " ");
  const visible = spaced.replace(INVISIBLE_BUT_JOINERS, "").normalize("NFC");
  return sayingSomething(visible.replace(STRAY_JOINER, "").trim());
}

function sayingSomething(text: string): Typed | null {
  return saysNothing(text) ? null : (text as Typed);
}

/** Words that programs and forms write where there is no value. */
const NON_VALUES = [
  "undefined",
  "null",
  "nil",
  "nan",
  "none",
  "n/a",
  "n\\\\a",
  "n[.]a",
  "n-a",
  "not available",
  "not applicable",
  "not provided",
  "not specified",
  "not set",
  "unknown",
  "no value",
  "no ?name",
  "false",
  "true",
].join("|");
/**
 * One or more of these words (a first and a last name, for example), with marks around them. Fails
 * at the first letter of any other word.
 */
const NON_VALUE = new RegExp(
  `^[^\\p{L}\\p{N}]*(?:${NON_VALUES})(?:\\s+(?:${NON_VALUES}))*[^\\p{L}\\p{N}]*$`,
  "iu",
);
const LONGEST_NON_VALUE = 100;
/** What JavaScript and spreadsheets write, or a template's placeholder that was not filled in. */
const WRITTEN_BY_PROGRAMS =
  /^(?:\[object \w+\]|#(?:n\/a|null!|ref!|value!|name\?|num!|div\/0!)|\\n|\{\{.*\}\}|\{%.*%\}|\$\{.*\}|\{\w+\}|<%.*%>|\*\|.*\|\*|%%?[\w.]+%%?)$/i;
const HAS_PLAIN = /[A-Za-z0-9]/;
const HAS_LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** How most text begins; none of the words above begins so. */
const BEGINS_AS_VALUE = /^[a-eg-mo-sv-z0-9]/i;

/** Whether the text has no letter or digit, or is a word for "no value". Expects clean text. */
export function saysNothing(text: string): boolean {
  if (BEGINS_AS_VALUE.test(text)) return false;
  return (!HAS_PLAIN.test(text) && !HAS_LETTER_OR_DIGIT.test(text)) || isNonValue(text);
}

/** A word for "no value", in any case and with marks around it. */
export function isNonValue(text: string): boolean {
  return (
    text.length <= LONGEST_NON_VALUE && (NON_VALUE.test(text) || WRITTEN_BY_PROGRAMS.test(text))
  );
}
