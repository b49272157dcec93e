/**
 * Text fit for a column and for JSON: no lone surrogates, which Postgres and Pinterest refuse, no
 * control characters, which include NUL, and no more than `maxLength` UTF-16 units. Null when nothing is left.
 */
export function cleanText(value: string | null | undefined, maxLength: number): string | null {
  if (value === undefined || value === null || value === "") return null;
  const bounded = value.length > maxLength ? value.slice(0, maxLength) : value;
  const clean = bounded
    .replace(/\p{Cc}+/gu, "")
    .trim()
    .toWellFormed();
  return clean === "" ? null : clean;
}
