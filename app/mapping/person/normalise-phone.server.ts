import { createRequire } from "node:module";
import type { CountryCode, MetadataJson, NumberType } from "libphonenumber-js/min";
import type { Typed } from "#app/events/clean-text.ts";
import type { Country } from "#app/events/country.ts";
import { plainDigits } from "./normalise-value.server.ts";
import { createCallPrefixes, createUsualNumbers } from "./read-usual-number.server.ts";

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
  return {
    library,
    isUsual: createUsualNumbers({ Metadata: library.Metadata, metadata }),
    prefixesOf: createCallPrefixes(library),
  };
}

type Complete = ReturnType<typeof loadComplete>;
let loadedComplete: Complete | undefined;

/**
 * The complete metadata are loaded for the few numbers that need them: the small ones also accept
 * numbers that nobody can have.
 */
function complete(): Complete {
  loadedComplete ??= loadComplete();
  return loadedComplete;
}

function loadComplete() {
  const library = load("libphonenumber-js/core") as typeof import("libphonenumber-js/core");
  const metadata = load("libphonenumber-js/max/metadata") as MetadataJson;
  const Metadata = class extends library.Metadata {
    constructor() {
      super(metadata);
    }
  };
  return { library, metadata, isUsual: createUsualNumbers({ Metadata, metadata }) };
}

/** Returns what kind of number the digits are; null if nobody can have them. */
function kindOf(digits: string): NumberType | null {
  const { library, metadata } = complete();
  const phone = library.parsePhoneNumberFromString(`+${digits}`, { extract: false }, metadata);
  return phone?.getType() ?? null;
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
  if (number === null || number.beginnings.some((part) => isWhole(part, country))) return null;
  const read = readNumber(number, country) ?? readNumber(withoutTrunkZero(number), country);
  if (typeof read !== "string") return null;
  const renewed = renew(read);
  return fillsForms(renewed) ? null : renewed;
}

/** People who give no number type `9999999999` or `0600000000`, though someone may have it. */
function fillsForms(digits: string): boolean {
  const last = digits.slice(-1);
  if (digits.at(-2) !== last || !digits.endsWith(last.repeat(7))) return false;
  const { nationalNumber } = phones().library.parsePhoneNumberWithError(`+${digits}`);
  return /^(\d)\1+$|0{8}$/.test(nationalNumber);
}

function isWhole(beginning: Digits, country: Country | null): boolean {
  // Without as many digits of its own, a number cannot have enough with its country code.
  if (beginning.digits.length < FEWEST_DIGITS - LONGEST_COUNTRY_CODE) return false;
  const read = readNumber(beginning, country);
  return read === EITHER || (read?.length ?? 0) >= FEWEST_DIGITS;
}

/** `14155550123.0`, as spreadsheets and scripts write a number that they treated as an amount. */
const SPREADSHEET_NUMBER = /^(\+?\d{7,15})\.0$/;

interface Digits {
  text: string;
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
/**
 * The marks between the digits of one number. Japanese keyboards write a minus sign, the mark of a
 * long vowel or a ruled line in place of a hyphen.
 */
const SEPARATORS = /^\+*[\s\d()[\]./\\,;|&·・•~*'’_−ー─━\p{Pd}]*$/u;
const BETWEEN_NUMBERS = /[/\\,;|&]/;
const MAY_END_NUMBER = /[/\\,;|&(*~]/g;
const LONGEST_COUNTRY_CODE = 3;
/** With its country code, a number has fewer digits only on the smallest islands; an area code never has more. */
const FEWEST_DIGITS = 8;

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
  const parts = number.split(BETWEEN_NUMBERS).map(countOwnDigits);
  if (parts.filter((count) => count >= DIGITS_OF_ANOTHER).length > 1) return null;
  return written(number);
}

function written(number: string): WrittenNumber {
  const ends = [...number.matchAll(MAY_END_NUMBER)].map(({ index }) => index);
  const beginnings = ends.map((end) => readDigits(number.slice(0, end)));
  return { ...readDigits(number), beginnings };
}

/**
 * So many digits, as in `49 711 4538670`, have the country's code: the library's patterns allow a number
 * without it, but Germany's longest landlines have 11.
 */
const NO_LANDLINE_DIGITS = 12;

/** Counts the digits without a country code; of a shorter code, too few are left, never too many. */
function countOwnDigits(part: string): number {
  const { digits, hasPlus } = readDigits(part);
  if (hasPlus) return digits.length - LONGEST_COUNTRY_CODE;
  return digits.length - (digits.startsWith("00") ? 2 + LONGEST_COUNTRY_CODE : 0);
}

/** `+34 (0) 612 34 56 78`: people write the zero also in countries that have none. */
function withoutTrunkZero({ text }: WrittenNumber): Digits {
  return readDigits(text.replace(/^((?:\+|00)[\s\d().-]{0,9})\(\s*0\s*\)/, "$1"));
}

function readDigits(text: string): Digits {
  return { text, digits: text.replace(/\D+/g, ""), hasPlus: text.startsWith("+") };
}

/** The digits are two different numbers, each of which someone may have. */
const EITHER = Symbol("either of two numbers");
type Reading = string | typeof EITHER | null;

function readNumber(number: Digits, country: Country | null): Reading {
  const { digits, hasPlus } = number;
  // No country code begins with 0: digits after 00 are international, digits after 0 are national.
  if (digits.startsWith("00")) return readAfterZeros(number, country);
  if (!hasPlus || digits.startsWith("0")) return parseNational(number, country);
  // `+8 912 …`, with the prefix of calls inside Russia: `+8 495 …` may be Moscow's or Vietnam's.
  const read = parseInternational(digits);
  if (country === null || !digits.startsWith("8")) return read;
  if (phones().prefixesOf(country).national !== "8") return read;
  return choose(number, read, parse(digits, country), (lead) => (lead > 0 ? read : EITHER));
}

/**
 * In `001 60 …`, 001 is the prefix of calls abroad from Singapore, but 001 is America's code after
 * the 00 of other countries. Behind 00, a country's own code is no other country's number.
 */
function readAfterZeros(number: Digits, country: Country | null): Reading {
  const { digits } = number;
  const read = parseInternational(digits.slice(2));
  if (country === null || !phones().library.isSupportedCountry(country)) return read;
  if (read?.startsWith(codeOf(country))) return read;
  const dialled = phones().prefixesOf(country).abroad?.exec(digits)?.[0] ?? "00";
  if (read !== null && dialled === "00") return read;
  const carried = parse(digits, country);
  // Without groups, a mobile number is not likelier: in Korea, `00249911234567` is dialled to Nuremberg
  // behind the carrier's 002, and is a stranger's mobile number in Sudan.
  return choose(number, read, carried, (lead) => (lead > 0 ? read : EITHER));
}

function codeOf(country: Country): string {
  return phones().library.getCountryCallingCode(country as CountryCode);
}

function parseNational(number: Digits, country: Country | null): Reading {
  if (country === null || !phones().library.isSupportedCountry(country)) return null;
  const { digits } = number;
  const prefix = phones().prefixesOf(country).national;
  const national = parse(digits, country);
  // Without the prefix of calls inside the country, the country's own code may be one, as in
  // `49 171 …`; but 55 is also an area code of Brazil.
  if ((prefix !== null && digits.startsWith(prefix)) || !digits.startsWith(codeOf(country))) {
    return national;
  }
  const coded = parseInternational(digits);
  if (coded !== null && coded === national) {
    return complete().isUsual(coded) || kindOf(renew(coded)) !== null ? coded : null;
  }
  return choose(number, coded, national, (lead) => {
    if (lead > 0) return coded;
    // In a country without a prefix for its own calls, the digits are a whole number as they stand.
    if (prefix === null || isMobileAlone(national, coded)) return national;
    const isLong = lead === 0 && digits.length >= NO_LANDLINE_DIGITS;
    return isLong || isMobileAlone(coded, national) ? coded : EITHER;
  });
}

/**
 * Chooses the reading that can be a number; if both can, `decide` does. `lead`: by how many groups
 * the writer's fit `one` better.
 */
function choose(
  number: Digits,
  one: string | null,
  other: string | null,
  decide: (lead: number) => Reading,
): Reading {
  if (one === null || other === null || renew(one) === renew(other)) return one ?? other;
  const isOther = kindOf(renew(other)) !== null;
  if (kindOf(renew(one)) === null) return isOther ? other : null;
  return isOther ? decide(countFit(number, one) - countFit(number, other)) : one;
}

/** How many of the writer's groups, from the left, end where the reading's usual ones do. */
function countFit({ text }: Digits, reading: string): number {
  const usual = phones().library.parsePhoneNumberWithError(`+${reading}`).formatInternational();
  // What stands before the reading's country code is a prefix.
  const usualBreaks = [reading.length, ...listBreaks(usual)];
  const breaks = listBreaks(text);
  const other = breaks.findIndex((place) => !usualBreaks.includes(place));
  return other === -1 ? breaks.length : other;
}

/** Lists where groups of digits end, as the number of digits that are left behind each. */
function listBreaks(text: string): number[] {
  const groups = text.match(/\d+/g) ?? [];
  return groups.slice(1).map((_, index) => groups.slice(index + 1).join("").length);
}

/** Whether one reading is a mobile number, and the other cannot be one. */
function isMobileAlone(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return false;
  // Where landlines and mobile numbers share ranges, a kind is `FIXED_LINE_OR_MOBILE`.
  return kindOf(renew(one)) === "MOBILE" && !kindOf(renew(other))?.endsWith("MOBILE");
}

/** What numbering plans had before they were changed; the library still accepts some of it. */
const ABOLISHED: readonly (readonly [was: RegExp, is: string])[] = [
  // Mexico, 2019: no trunk prefixes and no 1 before mobile numbers.
  [/^52(?:1|01|044|045)(\d{10})$/, "52$1"],
  // Brazil, 2016: a 9 before mobile numbers.
  [/^55(?<area>\d\d)(?<number>[6-9]\d{7})$/, "55$<area>9$<number>"],
  // Benin, 2024.
  [/^229(\d{8})$/, "22901$1"],
  // Ivory Coast, 2021: mobile numbers got a prefix by their operator, whom the second digit names.
  [/^225([04-9][0-3]\d{6})$/, "22501$1"],
  [/^225([04-9][4-6]\d{6})$/, "22505$1"],
  [/^225([04-9][7-9]\d{6})$/, "22507$1"],
  // Colombia, 2021: longer area codes.
  [/^57([1245678]\d{7})$/, "5760$1"],
  // Vietnam, 2018: mobile numbers lost a digit.
  [/^8416([2-9]\d{7})$/, "843$1"],
  [/^84120(\d{7})$/, "8470$1"],
  [/^84121(\d{7})$/, "8479$1"],
  [/^84122(\d{7})$/, "8477$1"],
  [/^8412([68]\d{7})$/, "847$1"],
  [/^8412([345]\d{7})$/, "848$1"],
  [/^84127(\d{7})$/, "8481$1"],
  [/^84129(\d{7})$/, "8482$1"],
  [/^8418([68]\d{7})$/, "845$1"],
  [/^84199(\d{7})$/, "8459$1"],
  // Prefixes of calls inside Chile (to mobile numbers), Poland, Ukraine and Georgia.
  [/^560(9\d{8})$/, "56$1"],
  [/^480(\d{9})$/, "48$1"],
  [/^38080(\d{9})$/, "380$1"],
  [/^9958(\d{9})$/, "995$1"],
];

function renew(digits: string): string {
  const old = ABOLISHED.find(([was]) => was.test(digits));
  return old === undefined ? digits : digits.replace(...old);
}

function parseInternational(digits: string): string | null {
  return phones().isUsual(digits) ? digits : parse(`+${digits}`);
}

function parse(text: string, defaultCountry?: Country): string | null {
  try {
    const phone = phones().library.parsePhoneNumberWithError(text, {
      ...(defaultCountry !== undefined && { defaultCountry: defaultCountry as never }),
      extract: false,
    });
    const digits = phone.number.slice(1);
    if (phone.isValid()) return digits;
    const renewed = renew(digits);
    return renewed === digits ? null : parse(`+${renewed}`);
  } catch {
    return null;
  }
}
