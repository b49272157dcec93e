import type { Typed } from "#app/events/clean-text.ts";
import { type Country, readCountry } from "#app/events/country.ts";
import { plainDigits } from "./plain-digits.server.ts";
import { formPostcode } from "./postcodes.server.ts";

/**
 * What Pinterest expects before SHA-256. Each function returns null where nothing is left that
 * could match: the hash of nothing would match every other shopper without that value.
 */

/** Longest address that mail servers take, and a name before it. */
const MAX_EMAIL = 320;
/** What forms and lists leave around an address. */
const AROUND_EMAIL = /^(?:mailto:|e-?mail:|[\s"'`(<[;,:])+|(?:\([^()]*\)|[\s"'`)>\];,.:])+$/gi;
/** A part before the `@`, and a domain of two labels and more whose last is no number. */
const EMAIL =
  /^[^@\s,;:<>()[\]\\"]+@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?\.)+(?=[\p{L}\p{N}-]*\p{L})[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}]$/u;

/** As nearly all are: what `EMAIL` takes as well, with nothing around it. */
const USUAL_EMAIL = /^[a-z0-9][a-z0-9._%+-]*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/;

export function normaliseEmail(value: Typed): string | null {
  const plain = value.toLowerCase();
  if (plain.length <= MAX_EMAIL && USUAL_EMAIL.test(plain)) return plain;
  const from = value.lastIndexOf("<");
  const to = value.indexOf(">", from);
  // `Jane <jane@example.com>`
  const address = from !== -1 && to !== -1 ? value.slice(from + 1, to) : value;
  if (address.length > MAX_EMAIL) return null;
  // Of two addresses nobody knows whose the second is.
  if (from !== -1 && plain.replaceAll(address.toLowerCase(), "").includes("@")) return null;
  const email = address
    .normalize("NFC")
    .replace(AROUND_EMAIL, "")
    .replace(/\s+/g, "")
    .toLowerCase();
  return EMAIL.test(email) ? email : null;
}

/** Inner spaces and punctuation stay: Pinterest's rule for names speaks of lower case alone. */
export function normaliseName(value: Typed): string | null {
  const name = value.normalize("NFC").trim().toLowerCase();
  return /\p{L}/u.test(name) ? name : null;
}

/**
 * White space, punctuation and symbols go; letters and combining marks of any script stay, or
 * Indian and Thai names would fall apart. Digits stay as well: Pinterest asks for no spaces and
 * no punctuation, and "6th of October City" is a name.
 */
export function normaliseCity(value: Typed): string | null {
  return (
    value
      .normalize("NFC")
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, "") || null
  );
}

/** A code of two letters that is a country's; a country's name is none. */
export function normaliseCountry(value: Typed): string | null {
  return readCountry(value)?.toLowerCase() ?? null;
}

/** Of Shopify's `province_code`: `KY` → `ky`. */
export function normaliseState(value: Typed): string | null {
  return value.trim().toLowerCase() || null;
}

/** Digits of any script become plain ones, as Japanese and Arabic keyboards type them. */
export function normaliseZip(value: Typed, country: Country | null): string | null {
  return formPostcode(plainDigits(value).toLowerCase(), country);
}
