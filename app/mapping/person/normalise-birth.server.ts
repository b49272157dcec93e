/** A person's date of birth and gender, as Pinterest expects them before SHA-256. */

const DATE = /^(\d{4})([-/.]?)(\d{2})\2(\d{2})$/;

/**
 * `1990-01-31` → `19900131`. The year must come first, as in ISO 8601: in `01/02/1990` the month is
 * ambiguous. Null for anything but a day from 1900 to 2099.
 */
export function normaliseDateOfBirth(value: string): string | null {
  const [, year = "", , month = "", day = ""] = DATE.exec(value.trim()) ?? [];
  const isoDate = `${year}-${month}-${day}`;
  const date = new Date(`${isoDate}T00:00:00Z`);
  // A day that its month does not have overflows into the next month.
  const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(isoDate);
  return isDay && /^(19|20)/.test(year) ? year + month + day : null;
}

/** Pinterest accepts `f`, `m` and `n` (non-binary). Null for every other word. */
export function normaliseGender(value: string): "f" | "m" | "n" | null {
  switch (value.trim().toLowerCase()) {
    case "f":
    case "female":
      return "f";
    case "m":
    case "male":
      return "m";
    case "n":
    case "nonbinary":
    case "non-binary":
      return "n";
    default:
      return null;
  }
}
