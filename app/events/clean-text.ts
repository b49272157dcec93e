/**
 * What nobody sees and what still makes another text of it: control and format characters (among
 * them soft hyphens, byte order marks and the marks of writing direction), variation selectors and
 * other characters that are drawn as nothing, and halves of a pair, which Postgres and Pinterest
 * refuse.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]+/gu;
/** The same but for the joiners, which Persian and Indian words are spelt with. */
const INVISIBLE_BUT_JOINERS =
  /(?:(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}])+/gu;
const FORMATS = /[\p{Cf}\p{Default_Ignorable_Code_Point}]+/gu;
/** Not inside a word. A mark may bear one at the word's end, as in Malayalam. */
const STRAY_JOINER =
  /(?<![\p{L}\p{M}])[\u200c\u200d]+|(?<!\p{M})[\u200c\u200d]+(?![\p{L}\p{M}\u200c\u200d])/gu;

/** Most text is plain, and a look at it costs a tenth of what the patterns for all scripts cost. */
const PLAIN = /^[ -~]*$/;

/** Without what nobody sees. Not trimmed. */
export function dropInvisible(value: string): string {
  return PLAIN.test(value) ? value : value.replace(INVISIBLE, "");
}

/** Without the marks of format alone: for ids, in which control characters are a fault to be told. */
export function dropFormats(value: string): string {
  return value.replace(FORMATS, "");
}

/**
 * Text fit for a column and for JSON, and no more than `maxLength` UTF-16 units of it. Null when
 * nothing is left.
 */
export function cleanText(value: string | null | undefined, maxLength: number): string | null {
  if (value === undefined || value === null || value === "") return null;
  const bounded = value.length > maxLength ? value.slice(0, maxLength) : value;
  return dropInvisible(bounded).trim() || null;
}

/** The same, and null for what says nothing: a SKU of `N/A` is that of no product. */
export function meaningfulText(value: string | null | undefined, maxLength: number): string | null {
  const text = cleanText(value, maxLength);
  return text === null || saysNothing(text) ? null : text;
}

/** Text that a person typed, cleaned: only such text is judged, hashed or made a key. */
export type Typed = string & { readonly typed: unique symbol };

/** UTF-16 units; no name, address, number or id of a person is as long. */
const MAX_TYPED = 1_000;

/** Null where it says nothing. */
export function cleanTyped(value: string): Typed | null {
  if (value.length > MAX_TYPED) return null;
  return sayingSomething(dropInvisible(value).trim());
}

/** A name keeps the joiners inside its words. */
export function cleanName(value: string): Typed | null {
  if (value.length > MAX_TYPED || PLAIN.test(value)) return cleanTyped(value);
  const visible = value.replace(INVISIBLE_BUT_JOINERS, "").normalize("NFC");
  return sayingSomething(visible.replace(STRAY_JOINER, "").trim());
}

function sayingSomething(text: string): Typed | null {
  return saysNothing(text) ? null : (text as Typed);
}

/** What programs and forms write where there is no value. */
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
/** One or more of them, as of first and last name, with marks around. Fails at the first letter of others. */
const NON_VALUE = new RegExp(
  `^[^\\p{L}\\p{N}]*(?:${NON_VALUES})(?:\\s+(?:${NON_VALUES}))*[^\\p{L}\\p{N}]*$`,
  "iu",
);
const LONGEST_NON_VALUE = 100;
/** What JavaScript and spreadsheets write; a blank of a template that was not filled in. */
const WRITTEN_BY_PROGRAMS =
  /^(?:\[object \w+\]|#(?:n\/a|null!|ref!|value!|name\?|num!|div\/0!)|\\n|\{\{.*\}\}|\{%.*%\}|\$\{.*\}|\{\w+\}|<%.*%>|\*\|.*\|\*|%%?[\w.]+%%?)$/i;
const HAS_PLAIN = /[A-Za-z0-9]/;
const HAS_LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** As most text begins, and none of all those. */
const BEGINS_AS_VALUE = /^[a-eg-mo-sv-z0-9]/i;

/** Text without a letter or digit, or a word for "no value". Looks at text that is clean. */
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
