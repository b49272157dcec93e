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

/** Without what nobody sees. Not trimmed. */
export function dropInvisible(value: string): string {
  return value.replace(INVISIBLE, "");
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
  if (value.length > MAX_TYPED) return null;
  const visible = value.replace(INVISIBLE_BUT_JOINERS, "").normalize("NFC");
  return sayingSomething(visible.replace(STRAY_JOINER, "").trim());
}

function sayingSomething(text: string): Typed | null {
  return saysNothing(text) ? null : (text as Typed);
}

/** What programs and forms write where there is no value. Lower case, without marks around it. */
const NON_VALUES = new Set([
  "undefined",
  "null",
  "nil",
  "nan",
  "none",
  "n/a",
  "n\\a",
  "n.a",
  "n-a",
  "not available",
  "not applicable",
  "not provided",
  "not specified",
  "not set",
  "unknown",
  "no value",
  "no name",
  "noname",
  "false",
  "true",
]);
const LONGEST_NON_VALUE = 100;
/** What JavaScript and spreadsheets write; a blank of a template that was not filled in. */
const WRITTEN_BY_PROGRAMS =
  /^(?:\[object \w+\]|#(?:n\/a|null!|ref!|value!|name\?|num!|div\/0!)|\\n|\{\{.*\}\}|\{%.*%\}|\$\{.*\}|\{\w+\}|<%.*%>|%%?[\w.]+%%?)$/i;
const HAS_LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const MARKS_AROUND = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

/** Text without a letter or digit, or a word for "no value". Looks at text that is clean. */
export function saysNothing(text: string): boolean {
  return !HAS_LETTER_OR_DIGIT.test(text) || isNonValue(text);
}

/** A word for "no value", in any case and with marks around it. */
export function isNonValue(text: string): boolean {
  if (text.length > LONGEST_NON_VALUE) return false;
  if (WRITTEN_BY_PROGRAMS.test(text)) return true;
  const words = text.toLowerCase().replace(MARKS_AROUND, "");
  if (NON_VALUES.has(words)) return true;
  // First and last name of nobody in one field.
  return words.includes(" ") && words.split(/\s+/).every((word) => NON_VALUES.has(word));
}
