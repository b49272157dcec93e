/**
 * What Pinterest expects before SHA-256. Each function returns null where nothing is left that
 * could match: the hash of nothing would match every other shopper without that value.
 */

export function normaliseEmail(value: string): string | null {
  const email = value.normalize("NFC").replace(/\s+/g, "").toLowerCase();
  return /^[^@]+@[^@]+$/.test(email) ? email : null;
}

/** Inner spaces and punctuation stay: Pinterest's rule for names speaks of lower case alone. */
export function normaliseName(value: string): string | null {
  return value.normalize("NFC").trim().toLowerCase() || null;
}

/**
 * White space, punctuation and symbols go; letters and combining marks of any script stay, or
 * Indian and Thai names would fall apart. Digits stay as well: Pinterest asks for no spaces and
 * no punctuation, and "6th of October City" is a name.
 */
export function normaliseCity(value: string): string | null {
  return (
    value
      .normalize("NFC")
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, "") || null
  );
}

/** A code of two letters; a country's name is none. */
export function normaliseCountry(value: string): string | null {
  return /^[a-z]{2}$/.exec(value.trim().toLowerCase())?.[0] ?? null;
}

/** Of Shopify's `province_code`: `KY` → `ky`. */
export function normaliseState(value: string): string | null {
  return value.trim().toLowerCase() || null;
}

/**
 * Full-width digits become plain ones (NFKC), as Japanese keyboards type them. Where a postcode has letters
 * they are part of it; where it has none, what is not a digit is punctuation.
 */
export function normaliseZip(value: string, countryCode: string | null): string | null {
  const zip = value.normalize("NFKC").replace(/\s+/g, "").toLowerCase();
  if (countryCode === "US") return /^\d{5}/.exec(zip)?.[0] ?? null;
  return /\p{L}/u.test(zip) ? zip : zip.replace(/\D+/g, "") || null;
}
