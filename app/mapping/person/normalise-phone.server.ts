import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberWithError,
} from "libphonenumber-js/min";

/** No phone number with its punctuation is longer; the parser searches the whole text. */
const MAX_PHONE = 50;

/**
 * E.164 digits without the plus; an extension is dropped. A national number needs its country.
 * Null for what cannot be a number there: Pinterest matches nothing but international numbers.
 */
export function normalisePhone(value: string, countryCode: string | null): string | null {
  if (value.length > MAX_PHONE) return null;
  try {
    const phone = parsePhoneNumberWithError(value, {
      ...countryOption(countryCode),
      extract: false,
    });
    return phone.isValid() ? phone.number.slice(1) : null;
  } catch {
    return null;
  }
}

function countryOption(countryCode: string | null): { defaultCountry?: CountryCode } {
  return countryCode !== null && isSupportedCountry(countryCode)
    ? { defaultCountry: countryCode }
    : {};
}
