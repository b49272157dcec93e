import { createRequire } from "node:module";
import type { CountryCode } from "libphonenumber-js/min";

/** Loaded with the first number: it is a third of what a short command would have to load. */
const load = createRequire(import.meta.url);
const phones = () => load("libphonenumber-js/min") as typeof import("libphonenumber-js/min");

/** No phone number with its punctuation is longer; the parser searches the whole text. */
const MAX_PHONE = 50;

/**
 * E.164 digits without the plus; an extension is dropped. A national number needs its country.
 * Null for what cannot be a number there: Pinterest matches nothing but international numbers.
 */
export function normalisePhone(value: string, countryCode: string | null): string | null {
  if (value.length > MAX_PHONE) return null;
  try {
    const phone = phones().parsePhoneNumberWithError(value, {
      ...countryOption(countryCode),
      extract: false,
    });
    return phone.isValid() ? phone.number.slice(1) : null;
  } catch {
    return null;
  }
}

function countryOption(countryCode: string | null): { defaultCountry?: CountryCode } {
  return countryCode !== null && phones().isSupportedCountry(countryCode)
    ? { defaultCountry: countryCode }
    : {};
}
