import { createHash } from "node:crypto";
import fc from "fast-check";
import examples from "libphonenumber-js/examples.mobile.json" with { type: "json" };
import {
  getCountries,
  getExampleNumber,
  Metadata,
  parsePhoneNumberFromString,
} from "libphonenumber-js/min";
import metadata from "libphonenumber-js/min/metadata" with { type: "json" };
import { expect, test } from "vitest";
import { cleanName, cleanTyped, saysNothing, type Typed } from "#app/events/clean-text.ts";
import type { Country } from "#app/events/country.ts";
import { normalisePhone } from "#app/mapping/person/normalise-phone.server.ts";
import {
  normaliseCity,
  normaliseCountry,
  normaliseEmail,
  normaliseName,
  normaliseState,
  normaliseZip,
} from "#app/mapping/person/normalise-value.server.ts";
import { createUsualNumbers } from "#app/mapping/person/read-usual-number.server.ts";
import { mapOrderBody, sentEvent } from "./web-order.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

type Normaliser<Country> = (value: Typed, country: Country) => string | null;

/** As a value is hashed: cleaned, then normalised. */
function via<C>(normalise: Normaliser<C>, clean = cleanTyped) {
  return (value: string, country: C): string | null => {
    const typed = clean(value);
    return typed === null ? null : normalise(typed, country);
  };
}

test.each([
  ["Jane.Doe@Example.com", "jane.doe@example.com"],
  [" jane doe\t@example.com\u00a0", "janedoe@example.com"],
  ["jose\u0301@example.com", "jos\u00e9@example.com"],
  ["jane.doe+shop@gmail.com", "jane.doe+shop@gmail.com"],
  ["\u200bjane@example.com", "jane@example.com"],
  ["jane@exam\u00adple.com\ufeff", "jane@example.com"],
  ["ja\u200dne@example.com", "jane@example.com"],
  ["Jane Doe <jane@example.com>", "jane@example.com"],
  ['"Doe, Jane" <Jane@Example.com>;', "jane@example.com"],
  ["<jane@example.com>", "jane@example.com"],
  ["jane@example.com;", "jane@example.com"],
  ["jane@example.com, ", "jane@example.com"],
  ["jane@example.com.", "jane@example.com"],
  ["'jane@example.com'", "jane@example.com"],
  ["mailto:jane@example.com", "jane@example.com"],
  ["E-Mail: jane@example.com", "jane@example.com"],
  ["jane@example.com (home)", "jane@example.com"],
  ["jane..doe.@docomo.ne.jp", "jane..doe.@docomo.ne.jp"],
  ["o'neill@example.co.uk", "o'neill@example.co.uk"],
  ["jane@sub.xn--bcher-kva.xn--p1ai", "jane@sub.xn--bcher-kva.xn--p1ai"],
  ["用户@例え.テスト", "用户@例え.テスト"],
  ["   ", null],
  ["not an email", null],
  ["@example.com", null],
  ["jane@", null],
  ["noemail@noemail", null],
  ["jane@example,com", null],
  ["jane@@example.com", null],
  ["jane@example.com;john@example.com", null],
  ["Jane <jane@example.com>, John <john@example.com>", null],
  ["john@example.com, Jane <jane@example.com>", null],
  ["Jane@example.com <jane@example.com>", "jane@example.com"],
  ["jane@example.com john@example.com", null],
  ["jane@.com", null],
  ["jane@example..com", null],
  ["jane@-example.com", null],
  ["jane@example.123", null],
  ["jane@127.0.0.1", null],
  ["jane@example.c", null],
  ["undefined", null],
  ["N/A", null],
  ["[object Object]", null],
])("email %j is hashed as %j", (value, expected) => {
  expect(via(normaliseEmail)(value, undefined)).toBe(expected);
});

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
  ["+0412345678", "AU", "61412345678"],
  ["+07400123456", "GB", "447400123456"],
  ["+0412345678", null, null],
  ["+52 1 55 1234 5678", "MX", "525512345678"],
  ["+52 1 55 1234 5678", null, "525512345678"],
  ["044 55 1234 5678", "MX", "525512345678"],
  ["+52 55 1234 5678", null, "525512345678"],
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
  ["415/555/0123", "US", "14155550123"],
  ["4155550123 or 4155550124", "US", null],
  ["555 0123, 555 0124", "DE", null],
  ["call me on 4155550123 after 6", "US", null],
  ["please call my wife on 4155550123", "US", null],
  ["jane4155550123@example.com", "US", null],
])("phone %j in %s is hashed as %j", (value, country, expected) => {
  expect(via(normalisePhone)(value, country)).toBe(expected);
});

test.each([
  [" O'Neill-Smith ", "o'neill-smith"],
  ["Anna  Maria", "anna  maria"],
  ["Zoe\u0308", "zo\u00eb"],
  ["Zoe\u200b\u0308", "zo\u00eb"],
  ["J\u00adane\ufe0f", "jane"],
  ["Jane \u{1f338}", "jane \u{1f338}"],
  ["Jane\ud83c", "jane"],
  ["Ja\u0000ne", "jane"],
  // Persian and Malayalam words are spelt with joiners; elsewhere they are litter.
  ["\u200cمی\u200cنا\u200c", "می\u200cنا"],
  ["ക്\u200d", "ക്\u200d"],
  ["\u200dJane\u200d Doe", "jane doe"],
  ["Nullmeier", "nullmeier"],
  ["Na", "na"],
  ["  ", null],
  ["-", null],
  ["\u{1f338}", null],
  ["12345", null],
  ["N/A", null],
  ["(null)", null],
  ["undefined undefined", null],
  ["{{ customer.first_name }}", null],
  ["*|FNAME|*", null],
  ["\u3164", null],
])("name %j is hashed as %j", (value, expected) => {
  expect(via(normaliseName, cleanName)(value, undefined)).toBe(expected);
});

test("a word for no value says nothing in any case and with any marks around it", () => {
  const words = [
    "undefined",
    "null",
    "nil",
    "nan",
    "none",
    "n/a",
    "not set",
    "unknown",
    "no value",
  ];
  const written = ["[object Object]", "#n/a", "\\n", "{{ name }}", "*|NAME|*", "<%= %>", "%name%"];
  const word = fc.constantFrom(...words, "false", "true", "no name", "undefined null", ...written);
  fc.assert(
    fc.property(word, fc.infiniteStream(fc.boolean()), (text, capitals) => {
      const typed = [...text].map((c) => (capitals.next().value ? c.toUpperCase() : c)).join("");
      expect([typed, saysNothing(typed)]).toEqual([typed, true]);
      if (!written.includes(text)) expect(saysNothing(`(${typed})`)).toBe(true);
      expect(saysNothing(`x${typed}`)).toBe(false);
    }),
  );
});

test.each([
  ["Menlo Park", "menlopark"],
  ["Saint-Étienne", "saintétienne"],
  ["St. John's", "stjohns"],
  ["दिल्ली", "दिल्ली"],
  ["กรุงเทพ มหานคร", "กรุงเทพมหานคร"],
  ["6th of October City", "6thofoctobercity"],
  ["San\u200b José", "sanjosé"],
  ["--", null],
  ["none", null],
])("city %j is hashed as %j", (value, expected) => {
  expect(via(normaliseCity)(value, undefined)).toBe(expected?.normalize("NFC") ?? null);
});

test.each<[string, Country | null, string | null]>([
  ["94107-1234", "US", "94107"],
  ["94107", "US", "94107"],
  ["CA 94107", "US", "94107"],
  ["941", "US", null],
  ["00901-1234", "PR", "00901"],
  ["K2P 0B0", "CA", "k2p0b0"],
  ["K1A-0B1", "CA", "k1a0b1"],
  ["k1a\u20110b1", "CA", "k1a0b1"],
  ["sw1a 1aa", "GB", "sw1a1aa"],
  ["1234 AB", "NL", "1234ab"],
  ["D02 AF30", "IE", "d02af30"],
  ["D-10115", "DE", "10115"],
  ["10115 Berlin", "DE", "10115"],
  ["SE-114 55", "SE", "11455"],
  ["A-1010", "AT", "1010"],
  ["00-950", "PL", "00950"],
  ["01310-100", "BR", "01310100"],
  ["〒１００-0001", "JP", "1000001"],
  ["١٢٣٤٥", "SA", "12345"],
  ["C1420ABC", "AR", "c1420abc"],
  ["D-10115", null, "d10115"],
  ["-", "DE", null],
  ["null", "DE", null],
])("postcode %j in %s is hashed as %j", (value, country, expected) => {
  expect(via(normaliseZip)(value, country)).toBe(expected);
});

test("a province's code is hashed in lower case", () => {
  expect(via(normaliseState)(" KY ", undefined)).toBe("ky");
  expect(via(normaliseState)(" ", undefined)).toBeNull();
});

test.each([
  ["us", "us"],
  [" De\u200b", "de"],
  ["UK", "gb"],
  ["XX", null],
  ["EU", null],
  ["USA", null],
  ["Germany", null],
  ["__proto__", null],
])("country %j is hashed as %j", (value, expected) => {
  expect(via(normaliseCountry)(value, undefined)).toBe(expected);
});

/** What nobody sees. */
const invisible = fc.constantFrom(
  ..."\u0000\u0007\u001f\u007f\u0085\u00ad\u034f\u061c\u115f\u17b4\u180e\u200b\u200e\u202a\u202c\u2060\u2066\u2069\u3164\ufe00\ufe0f\ufeff\ufff9\u{e0001}\u{e0100}",
  "\ud800",
);

test("no character that nobody sees changes a digest, wherever it stands", () => {
  const address = { first_name: "Zoë", last_name: "O'Neill", city: "San José", zip: "K2P 0B0" };
  const person = { ...address, province_code: "ON", country_code: "CA", phone: "(613) 555-0123" };
  const build = (write: (text: string) => string) => {
    const litter = Object.entries(person).map(([key, value]) => [key, write(value)]);
    const order = {
      email: write("jane@example.com"),
      contact_email: null,
      phone: write("+44 7400 123456"),
      customer: null,
      billing_address: Object.fromEntries(litter),
      shipping_address: null,
    };
    return sentEvent(mapOrderBody(order)).user_data;
  };
  const clean = build((text) => text);
  expect(Object.keys(clean)).toEqual(expect.arrayContaining(["em", "ph", "fn", "ln", "ct", "zp"]));
  fc.assert(
    fc.property(fc.array(fc.tuple(invisible, fc.nat(20)), { maxLength: 6 }), (litter) => {
      const write = (text: string) =>
        litter
          .reduce(
            (dirty, [mark, place]) => dirty.toSpliced(place % (dirty.length + 1), 0, mark),
            Array.from(text),
          )
          .join("");
      expect(build(write)).toEqual(clean);
    }),
  );
});

test("text of a mebibyte costs no more than a glance", () => {
  const before = process.cpuUsage();
  for (const unit of ["a", "1", " ", "@", "<", "-", "\u200b", "é", "{", "a@"]) {
    const text = unit.repeat(1_048_576 / unit.length);
    for (const clean of [cleanTyped, cleanName]) expect(clean(text)).toBeNull();
  }
  const { user } = process.cpuUsage(before);
  expect(user / 20).toBeLessThan(50_000);
});

test("the keys of an order are the digests that Pinterest computes for the same shopper", () => {
  const { user_data } = sentEvent(mapOrderBody());
  expect(user_data).toMatchObject({
    em: ["86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d"],
    ph: ["413ba75461ab5f99d36820e561ea97e2bd80f9cb586f7ecea6cf4c496518950a"],
    ct: [
      "0007a3d64c01e23d5075203c5977c14e4f7e01a3fc570686fcc50b5e1dd42685",
      sha256("saintétienne"),
    ],
    zp: ["c884a209ebe08750a7d13db63bd02233b375bd79786cbe329ab11586cc35dead", sha256("k2p0b0")],
    country: [
      "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621",
      "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126",
    ],
    st: [sha256("ca"), sha256("on")],
    fn: [sha256("jane"), sha256("zoë")],
    ln: [sha256("doe"), sha256("o'neill-smith")],
    external_id: [sha256("7310025310234")],
  });
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
