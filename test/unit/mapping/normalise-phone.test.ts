import fc from "fast-check";
import examples from "libphonenumber-js/examples.mobile.json" with { type: "json" };
import {
  Metadata as CompleteMetadata,
  parsePhoneNumberFromString as parseFully,
} from "libphonenumber-js/max";
import {
  getCountries,
  getCountryCallingCode,
  getExampleNumber,
  isSupportedCountry,
  Metadata,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from "libphonenumber-js/min";
import metadata from "libphonenumber-js/min/metadata" with { type: "json" };
import { expect, test } from "vitest";
import { cleanTyped } from "#app/events/clean-text.ts";
import type { Country } from "#app/events/country.ts";
import { normalisePhone } from "#app/mapping/person/normalise-phone.server.ts";
import {
  createCallPrefixes,
  createUsualNumbers,
} from "#app/mapping/person/read-usual-number.server.ts";

/** As a value is hashed: cleaned, then normalised. */
function read(value: string, country: Country | null): string | null {
  const typed = cleanTyped(value);
  return typed === null ? null : normalisePhone(typed, country);
}

test.each<[string, Country | null, string | null]>([
  ["+1 (415) 555-0123", "US", "14155550123"],
  ["(415) 555-0123", "US", "14155550123"],
  ["415-555-0123 ext. 9", "US", "14155550123"],
  ["415.555.0123x55", "US", "14155550123"],
  ["+1 415 555 0123 #12", "US", "14155550123"],
  ["tel:+1-415-555-0123;ext=12", null, "14155550123"],
  ["0415 570 123", "AU", "61415570123"],
  ["030 901820", "DE", "4930901820"],
  ["030/901820", "DE", "4930901820"],
  ["+44 20 7946 0958", null, "442079460958"],
  ["+44 (0)20 7946 0958", null, "442079460958"],
  ["(+44) 7400 123456", "GB", "447400123456"],
  ["+(44) 7400 123456", null, "447400123456"],
  ["Tel: +44 7400 123456", "GB", "447400123456"],
  ["Mobile phone number: 07400 123456", "GB", "447400123456"],
  ["'+14155550123", "US", "14155550123"],
  ["415-555-0123 (cell)", "US", "14155550123"],
  ["415・555・0123", "US", "14155550123"],
  ["415−555−0123", "US", "14155550123"],
  ["０９０ー１２３４ー５６７８", "JP", "819012345678"],
  ["090─1234─5678", "JP", "819012345678"],
  ["14155550123.0", "US", "14155550123"],
  ["415-555-0123 WhatsApp", "US", "14155550123"],
  ["\u202a+44 7400 123456\u202c", "GB", "447400123456"],
  ["+44\u00a07400\u2011123456", null, "447400123456"],
  ["＋４４ ７４００ １２３４５６", null, "447400123456"],
  ["٠٤١٥٥٧٠١٢٣", "AU", "61415570123"],
  ["०४१५५७०१२३", "AU", "61415570123"],
  ["00447400123456", "US", "447400123456"],
  ["00 44 7400 123456", null, "447400123456"],
  ["+0044 7400 123456", null, "447400123456"],
  ["0081 90 1234 5678", "JP", "819012345678"],
  ["0057 321 1234567", "CO", "573211234567"],
  // 005 is Colombia's prefix of calls abroad, and +7 301 is a Russian town.
  ["0057 301 1234567", "CO", "573011234567"],
  ["001 60 7 221 0000", "SG", null],
  ["001 60 12 345 6789", "SG", "60123456789"],
  ["0065 9123 4567", "SG", "6591234567"],
  ["001 415 555 0123", "KR", "14155550123"],
  ["(55) 99123-4567", "BR", "5555991234567"],
  ["(55) 9123-4567", "BR", "5555991234567"],
  ["(55) 3222-1234", "BR", "555532221234"],
  ["55 11 98765-4321", "BR", "5511987654321"],
  ["841234567", "VN", "84841234567"],
  ["846912345", "VN", "84846912345"],
  ["84 912 345 678", "VN", "84912345678"],
  ["318593370", "NL", "31318593370"],
  // No such number with or without the code.
  ["4980123456", "DE", null],
  ["+49 80123456", "DE", "4980123456"],
  // Both with and without the code such a number exists: where the writer breaks it decides.
  ["62 21 5703600", "ID", "62215703600"],
  ["62-21-570-3600", "ID", "62215703600"],
  ["46 8 31 19 10", "SE", "468311910"],
  ["43 5574 4910", "AT", "4355744910"],
  ["39 02 123456", "IT", "3902123456"],
  ["0033 6 12 34 56 78", "TH", "33612345678"],
  ["0033612345678", "SG", null],
  // 002 is a carrier's prefix: a landline in Nuremberg or Rennes, or a mobile number in Sudan or Ghana.
  ["00249911234567", "KR", null],
  ["00233241234567", "KR", null],
  ["00249 91 123 4567", "KR", "249911234567"],
  ["0039 334 664 1099", "SG", "393346641099"],
  ["0091 94277 70520", "SG", "919427770520"],
  ["0081 90-1234-5678", "HK", "819012345678"],
  ["+84 912 345 678", "RU", "84912345678"],
  ["+84 912 345 678", "KZ", "84912345678"],
  // The next ones are two numbers, each of which someone may have.
  ["468311910", "SE", null],
  ["4921 12345678", "DE", null],
  ["001 607 221 0000", "SG", null],
  ["46 211 12 34", "SE", null],
  ["46 211 12 34/5", "SE", null],
  ["+8 495 123-45-67", "RU", null],
  ["+84 95 123 45 67", "VN", "84951234567"],
  ["+84 95 123 45 67", "AQ", "84951234567"],
  ["491711234567", "DE", "491711234567"],
  ["49 711 4538670", "DE", "497114538670"],
  ["49-211-5566163", "DE", "492115566163"],
  ["49/511/3218601", "DE", "495113218601"],
  ["(49) 171 1234567", "DE", "491711234567"],
  ["62 812 345 678", "ID", "62812345678"],
  ["393 123 4567", "IT", "393931234567"],
  ["+34 (0) 612 34 56 78", "ES", "34612345678"],
  ["0034(0)612345678", null, "34612345678"],
  ["+39 (0)6 1234567", null, "39061234567"],
  ["+0412345678", "AU", "61412345678"],
  ["+07400123456", "GB", "447400123456"],
  ["+0412345678", null, null],
  ["+52 1 55 1234 5678", "MX", "525512345678"],
  ["+52 1 55 1234 5678", null, "525512345678"],
  ["044 55 1234 5678", "MX", "525512345678"],
  ["+52 55 1234 5678", null, "525512345678"],
  ["(11) 8765-4321", "BR", "5511987654321"],
  ["+55 11 8765-4321", null, "5511987654321"],
  ["(11) 3765-4321", "BR", "551137654321"],
  ["97 12 34 56", "BJ", "2290197123456"],
  ["07 12 34 56", "CI", "2250707123456"],
  ["+57 1 2345678", null, "576012345678"],
  ["0168 345 6789", "VN", "84383456789"],
  ["+84 124 345 6789", null, "84843456789"],
  ["09 1234 5678", "CL", "56912345678"],
  ["0512 345 678", "PL", "48512345678"],
  ["8 (067) 123-45-67", "UA", "380671234567"],
  ["+8 912 345-67-89", "RU", "79123456789"],
  ["+8 912 345-67-89", null, null],
  ["011 15 1234-5678", "AR", "5491112345678"],
  ["8 912 345-67-89", "RU", "79123456789"],
  ["06 1234567", "IT", "39061234567"],
  ["(415) 555-0123", null, null],
  ["555-555-SHIP", "US", null],
  ["1-800-FLOWERS", "US", null],
  ["123", "US", null],
  ["", "US", null],
  ["n/a", "US", null],
  ["4".repeat(10_000), "US", null],
  ["9999999999", "IN", null],
  ["+44 7777 777777", null, null],
  ["06 00 00 00 00", "FR", null],
  ["+1 415 555 5555", "US", "14155555555"],
  ["98765 43210", "IN", "919876543210"],
  ["415-555-0123 / 415-555-0124", "US", null],
  ["+14155550123, +14155550124", "US", null],
  ["(030) 901820/21", "DE", null],
  ["+49 30 901820 / 21", null, null],
  ["+43 1 58858/0", "AT", null],
  ["030 901820 (21)", "DE", null],
  ["030 901820, 1", "DE", null],
  ["030/901820-21", "DE", "493090182021"],
  ["0 (30) 901820", "DE", "4930901820"],
  ["030/901820 ext. 21", "DE", "4930901820"],
  ["+43 (0)664/1234567", "AT", "436641234567"],
  ["0049(0)171/1234567", "DE", "491711234567"],
  ["033203/12345", "DE", "493320312345"],
  ["+44 (0) 20 7946 0958 / 0959", "GB", null],
  ["0171/1234567, 030/901820", "DE", null],
  ["415/555/0123", "US", "14155550123"],
  ["4155550123 or 4155550124", "US", null],
  ["555 0123, 555 0124", "DE", null],
  ["call me on 4155550123 after 6", "US", null],
  ["please call my wife on 4155550123", "US", null],
  ["jane4155550123@example.com", "US", null],
])("phone %j in %s is hashed as %j", (value, country, expected) => {
  expect(read(value, country)).toBe(expected);
});

test("a number of any country is read in every form in which people write it", () => {
  const misread = getCountries().flatMap((country) => {
    const example = getExampleNumber(country, examples);
    // Ascension's and Italy's numbers keep a zero after the country code: with it, they are others.
    if (example === undefined || ["AC", "IT", "VA"].includes(country)) return [];
    const { nationalNumber: number } = example;
    const code = getCountryCallingCode(country);
    const national = example.formatNational();
    const forms = [
      national,
      example.formatInternational(),
      `${code} ${number}`,
      `(${code}) ${number}`,
      `00${code} ${number}`,
      `+${code} (0) ${number}`,
      `00${code}(0)${number}`,
      `+${code}(0)${number.slice(0, 2)}/${number.slice(2)}`,
      national.replace(/[- ]/g, "\u2212"),
      national.replace(/[- ]/g, "\u30fc"),
      `Tel.: ${national} (mobile)`,
    ];
    return forms.flatMap((form) => {
      const digits = read(form, country as Country);
      return digits === example.number.slice(1) ? [] : [`${country} ${form}: ${digits}`];
    });
  });
  expect(misread).toEqual([]);
});

/** Numbers that the library knows, of plans that their countries have changed. */
const OLD_PLANS: Partial<Record<string, RegExp>> = {
  BR: /^\d\d7\d{7}$/,
  CO: /^[1245678]\d{7}$/,
  GA: /^\d{7}$/,
};

/** Numbers of every country and every range that the complete metadata have of that kind. */
function nationalNumbers(type: "FIXED_LINE" | "MOBILE", each: number) {
  return getCountries().flatMap((country) => {
    const metadata = new CompleteMetadata();
    metadata.selectNumberingPlan(country);
    // The library's types lack this field.
    const plan = metadata as unknown as { type(name: string): { pattern(): string } | undefined };
    const pattern = plan.type(type)?.pattern();
    if (!pattern) return [];
    const ascii = new RegExp(`^(?:${pattern.replaceAll("\\d", "[0-9]")})$`);
    return fc.sample(fc.stringMatching(ascii), each).flatMap((national) => {
      const phone = parseFully(national, country);
      const isOld = OLD_PLANS[country]?.test(national) === true;
      if (isOld || !phone?.isValid() || phone.country !== country) return [];
      return phone.nationalNumber === national ? [phone] : [];
    });
  });
}

test("a national number without a plus is read as no other number", () => {
  const mobile = nationalNumbers("MOBILE", 20);
  // Without groups and the zero before it, a landline may look like the country's code and a mobile
  // number.
  const forms = [
    ...[...mobile, ...nationalNumbers("FIXED_LINE", 20)].flatMap((phone) => {
      const written = phone.formatInternational().slice(1);
      const withoutCode = written.slice(phone.countryCallingCode.length).trim();
      const forms = [phone.formatNational(), withoutCode, written];
      return forms.map((form) => [phone, form] as const);
    }),
    ...mobile.map((phone) => [phone, phone.nationalNumber] as const),
  ];
  expect(listMisread(forms)).toEqual([]);
  expect(forms.length).toBeGreaterThan(20_000);
});

/** Forms of numbers, each with the country in which it is read if that is not the number's own. */
function listMisread(forms: (readonly [phone: PhoneNumber, form: string, country?: string])[]) {
  let unread = 0;
  const misread = forms.flatMap(([{ country: own, number }, form, country = own]) => {
    const digits = read(form, country as Country);
    if (digits === null) unread += 1;
    return digits === null || digits === number.slice(1) ? [] : [`${country} ${form}: ${digits}`];
  });
  expect(unread / forms.length).toBeLessThan(0.01);
  return misread;
}

test("a foreign number after 00 is read as no other number where carriers have prefixes in 00", () => {
  const foreign = [...nationalNumbers("MOBILE", 2), ...nationalNumbers("FIXED_LINE", 2)];
  const forms = getCountries().flatMap((country) => {
    const { abroad } = createCallPrefixes({ Metadata, isSupportedCountry })(country);
    if (abroad?.test("011") || abroad?.source === "^(?:00)") return [];
    return foreign.flatMap((phone) => {
      const groups = phone.formatInternational().slice(1);
      return [`00${groups}`, `00 ${groups}`, `00${phone.number.slice(1)}`].map(
        (form) => [phone, form, country] as const,
      );
    });
  });
  expect(listMisread(forms)).toEqual([]);
  expect(forms.length).toBeGreaterThan(50_000);
});

/** Of a country's numbers: what the library's own examples are, with digits changed, added or lost. */
const numberAfterPlus = fc
  .record({
    country: fc.constantFrom(...getCountries()),
    changes: fc.array(fc.record({ at: fc.nat(20), digit: fc.nat(9) }), { maxLength: 6 }),
    cut: fc.integer({ min: -2, max: 2 }),
  })
  .map(({ country, changes, cut }) => {
    const digits = [...(getExampleNumber(country, examples)?.number ?? "+1").slice(1)];
    for (const { at, digit } of changes) digits[at % digits.length] = String(digit);
    return digits.join("").slice(0, cut < 0 ? cut : undefined) + "7".repeat(Math.max(cut, 0));
  });

test("a number that is read without the library is what the library makes of it", () => {
  const isUsual = createUsualNumbers({ Metadata, metadata });
  const readByLibrary = (text: string) => {
    const phone = parsePhoneNumberFromString(text, { extract: false });
    return phone?.isValid() ? phone.number : null;
  };
  let usual = 0;
  fc.assert(
    fc.property(numberAfterPlus, (digits) => {
      if (!isUsual(digits)) return;
      usual += 1;
      expect(readByLibrary(`+${digits}`)).toBe(`+${digits}`);
    }),
    { numRuns: 3_000 },
  );
  expect(usual).toBeGreaterThan(300);
});
