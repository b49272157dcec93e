import { createRequire } from "node:module";
import type { MetadataJson } from "libphonenumber-js/min";
import type { Typed } from "#app/events/clean-text.ts";
import type { Country } from "#app/events/country.ts";
import { plainDigits } from "./plain-digits.server.ts";
import { createUsualNumbers } from "./read-usual-number.server.ts";

const load = createRequire(import.meta.url);
type Phones = ReturnType<typeof loadPhones>;
let loaded: Phones | undefined;

/** The library is loaded with the first number: it is a third of what a short command would have to load. */
function phones(): Phones {
  loaded ??= loadPhones();
  return loaded;
}

function loadPhones() {
  const library = load("libphonenumber-js/min") as typeof import("libphonenumber-js/min");
  const metadata = load("libphonenumber-js/min/metadata") as MetadataJson;
  return { library, isUsual: createUsualNumbers({ Metadata: library.Metadata, metadata }) };
}

/** No phone number is longer, even with the text that people write around it. */
const MAX_PHONE = 64;
/** `Home phone number: …`; more words are a sentence, whose number may be anything. */
const MOST_WORDS = 3;
/** A part with as many digits is a second number in the field; a long area code has fewer. */
const DIGITS_OF_ANOTHER = 6;

/**
 * Returns E.164 digits without the plus; an extension is dropped. A national number needs its
 * country. Text around the number is dropped, but every digit must belong to it: with two numbers
 * in one field, the second may be another person's, so neither is used. Null for text that cannot
 * be a number there: Pinterest matches only international numbers.
 */
export function normalisePhone(value: Typed, country: Country | null): string | null {
  // Digits of an e-mail address are not a phone number.
  if (value.length > MAX_PHONE || value.includes("@")) return null;
  const number = extractNumber(plainDigits(value).replace(SPREADSHEET_NUMBER, "$1"));
  if (number === null || number.beginnings.some((part) => readNumber(part, country) !== null)) {
    return null;
  }
  return readNumber(number, country);
}

/** `14155550123.0`, as spreadsheets and scripts write a number that they treated as an amount. */
const SPREADSHEET_NUMBER = /^(\+?\d{7,15})\.0$/;

interface Digits {
  digits: string;
  hasPlus: boolean;
}

interface WrittenNumber extends Digits {
  /**
   * The digits before each mark that may end a number. If one of these beginnings is a number
   * already, as in `030 901820/21`, the rest is an extension or another line; joined to it, it
   * would make a stranger's number.
   */
  beginnings: Digits[];
}

const EXTENSION =
  /[\s,;(]*(?:(?:ext(?:ension|n)?|anexo|ramal|poste|int(?:erno)?|durchwahl|dw|доб)[.:=\s]*|[x#]\s*|,,+|;)\d{1,6}\)?$/i;
/** The marks between the digits of one number. */
const SEPARATORS = /^\+*[\s\d()[\]./\\,;|&·・•~*'’_\p{Pd}]*$/u;
const BETWEEN_NUMBERS = /[/\\,;|&]/;
const MAY_END_NUMBER = /[/\\,;|&(*~]/g;
/** Fewer digits are a country or area code, whatever follows. */
const FEWEST_DIGITS = 5;

/** A number with nothing around it that might belong to another number. */
const USUAL_NUMBER = /^\+?[\d() .-]*\d$/;

function extractNumber(text: string): WrittenNumber | null {
  if (USUAL_NUMBER.test(text)) {
    return written(text);
  }
  const main = text.replace(EXTENSION, "");
  const from = main.search(/[+\d]/);
  const last = main.search(/\d\D*$/);
  if (from === -1 || last < from) return null;
  const number = main.slice(from, last + 1);
  if (!SEPARATORS.test(number)) return null;
  const around = `${main.slice(0, from)} ${main.slice(last + 1)}`;
  if ((around.match(/\p{L}[\p{L}\p{M}'’]*/gu)?.length ?? 0) > MOST_WORDS) return null;
  const parts = number.split(BETWEEN_NUMBERS).map((part) => part.replace(/\D+/g, "").length);
  if (parts.filter((count) => count >= DIGITS_OF_ANOTHER).length > 1) return null;
  return written(number);
}

function written(number: string): WrittenNumber {
  const ends = [...number.matchAll(MAY_END_NUMBER)].map(({ index }) => index);
  const beginnings = ends.map((end) => readDigits(number.slice(0, end)));
  return {
    ...readDigits(number),
    beginnings: beginnings.filter(({ digits }) => digits.length >= FEWEST_DIGITS),
  };
}

function readDigits(text: string): Digits {
  return { digits: text.replace(/\D+/g, ""), hasPlus: text.startsWith("+") };
}

function readNumber({ digits, hasPlus }: Digits, country: Country | null): string | null {
  // No country code begins with 0: digits after 00 are international, digits after 0 are national.
  const isNational = !hasPlus || digits.startsWith("0");
  if (!isNational && phones().isUsual(digits)) return digits;
  const own = isNational ? parseNational(digits, country) : parse(`+${digits}`);
  return own ?? (isNational && digits.startsWith("00") ? parse(`+${digits.slice(2)}`) : null);
}

function parseNational(digits: string, country: Country | null): string | null {
  if (country === null || !phones().library.isSupportedCountry(country)) return null;
  return parse(digits, country);
}

/** Mexico dropped its trunk prefixes, and the 1 of mobile numbers, in 2019. */
const ABOLISHED = /^\+52(?:1|01|044|045)(\d{10})$/;

function parse(text: string, defaultCountry?: Country): string | null {
  try {
    const phone = phones().library.parsePhoneNumberWithError(text, {
      ...(defaultCountry !== undefined && { defaultCountry: defaultCountry as never }),
      extract: false,
    });
    if (phone.isValid()) return phone.number.slice(1);
    const mended = phone.number.replace(ABOLISHED, "+52$1");
    return mended === phone.number ? null : parse(mended);
  } catch {
    return null;
  }
}
