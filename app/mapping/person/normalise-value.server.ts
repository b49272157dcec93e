import type { Typed } from "#app/events/clean-text.ts";
import { type Country, readCountry } from "#app/events/country.ts";
import { plainDigits } from "./plain-digits.server.ts";
import { formPostcode } from "./postcodes.server.ts";

/**
 * The form that Pinterest expects before SHA-256. Each function returns null where nothing is left
 * that could match: the hash of an empty text would match every other shopper without that value.
 */

/** The longest address that mail servers accept, with a name before it. */
const MAX_EMAIL = 320;
/** Characters that forms and lists leave around an address. */
const AROUND_EMAIL = /^(?:mailto:|e-?mail:|[\s"'`(<[;,:])+|(?:\([^()]*\)|[\s"'`)>\];,.:])+$/gi;
/** A local part, and a domain of at least two labels, the last of which is not a number. */
const EMAIL =
  /^[^@\s,;:<>()[\]\\"]+@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?\.)+(?=[\p{L}\p{N}-]*\p{L})[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}]$/u;

/** The common form: a subset of `EMAIL`, with nothing around it. */
const USUAL_EMAIL = /^[a-z0-9][a-z0-9._%+-]*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/;

export function normaliseEmail(value: Typed): string | null {
  const plain = value.toLowerCase();
  if (plain.length <= MAX_EMAIL && USUAL_EMAIL.test(plain)) return plain;
  const from = value.lastIndexOf("<");
  const to = value.indexOf(">", from);
  // The address inside `Jane <jane@example.com>`.
  const address = from !== -1 && to !== -1 ? value.slice(from + 1, to) : value;
  if (address.length > MAX_EMAIL) return null;
  // With two addresses, the second may be another person's.
  if (from !== -1 && plain.replaceAll(address.toLowerCase(), "").includes("@")) return null;
  const email = address
    .normalize("NFC")
    .replace(AROUND_EMAIL, "")
    .replace(/\s+/g, "")
    .toLowerCase();
  return EMAIL.test(email) ? email : null;
}

/** Inner spaces and punctuation stay: Pinterest's rule for names asks only for lower case. */
export function normaliseName(value: Typed): string | null {
  const name = value.normalize("NFC").trim().toLowerCase();
  return /\p{L}/u.test(name) ? name : null;
}

/**
 * White space, punctuation and symbols are removed; letters and combining marks of any script stay,
 * because Indian and Thai names would break without them. Digits stay as well: Pinterest asks for
 * no spaces and no punctuation, and "6th of October City" is a name.
 */
export function normaliseCity(value: Typed): string | null {
  return (
    value
      .normalize("NFC")
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, "") || null
  );
}

/** Accepts an existing country's code of two letters; a country's name is not accepted. */
export function normaliseCountry(value: Typed): string | null {
  return readCountry(value)?.toLowerCase() ?? null;
}

/** Accepts Shopify's `province_code`: `KY` → `ky`. */
export function normaliseState(value: Typed): string | null {
  return value.trim().toLowerCase() || null;
}

/** Digits of any script become ASCII digits: Japanese and Arabic keyboards type their own. */
export function normaliseZip(value: Typed, country: Country | null): string | null {
  return formPostcode(plainDigits(value).toLowerCase(), country);
}
