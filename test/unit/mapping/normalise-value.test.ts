import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanName, cleanTyped, saysNothing, type Typed } from "#app/events/clean-text.ts";
import type { Country } from "#app/events/country.ts";
import {
  normaliseCity,
  normaliseCountry,
  normaliseDateOfBirth,
  normaliseEmail,
  normaliseGender,
  normaliseName,
  normaliseState,
  normaliseZip,
} from "#app/mapping/person/normalise-value.server.ts";
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
  ["ｊａｎｅ＠ｅｘａｍｐｌｅ。ｃｏｍ", "jane@example.com"],
  ["\u0130pek@example.com", "ipek@example.com"],
  ["mailto:jane@example.com?subject=Hello", "jane@example.com"],
  ["“jane@example.com”", "jane@example.com"],
  ["„jane@example.com“", "jane@example.com"],
  ["«jane@example.com»", "jane@example.com"],
  ["{jane@example.com}", "jane@example.com"],
  ["%20jane@example.com%20", "jane@example.com"],
  ["²jane@example.com", "²jane@example.com"],
  ["ｊａｎｅ＋１＠ｅｘａｍｐｌｅ｡ｃｏｍ", "jane+1@example.com"],
  ["{jane}@example.com", "{jane}@example.com"],
  ['"jane@example.com"', "jane@example.com"],
  ["'jane'@example.com", "'jane'@example.com"],
  ["'o'brien@example.com", null],
  ["(jane@example.com)", "jane@example.com"],
  ["o\ufb03ce@example.com", "office@example.com"],
  ["jane\ufe6bexample.com", "jane@example.com"],
  ["'jane@example.com", null],
  ['"jane"@example.com', null],
  ["jane@example.com!", "jane@example.com"],
  ["jane@example.com?to=john@example.com", null],
  ["jane@example.com, Jane@Example.com", "jane@example.com"],
  ["jane@example.com JANE@EXAMPLE.COM", "jane@example.com"],
  ["jane%2Bshop%40example.com", "jane+shop@example.com"],
  ["jane%C3%89%40example.com", "jane\u00e9@example.com"],
  ["ja%E2%80%8Bne%40example.com%00", "jane@example.com"],
  ["jane%C3%40example.com", null],
  ["r&amp;d@example.com", "r&d@example.com"],
  ["&lt;jane@example.com&gt;", "jane@example.com"],
  ["jane@ex\u2011ample.com", "jane@ex-ample.com"],
  ["Email - jane@example.com", "jane@example.com"],
  ["e-mail jane@example.com", "jane@example.com"],
  ["email@example.com", "email@example.com"],
  ["Jane - jane@example.com", null],
  ["jane@example.com - home", null],
  ["jane@example.com1", null],
  ["\u{1f642}jane@example.com", null],
  ["noemail@example.com", null],
  ["no-reply@example.com", null],
  ["None@none.com", null],
  ["12345@shop.invalid", null],
  ["nonegiven@example.com", "nonegiven@example.com"],
  ["k3x9@marketplace.amazon.com", "k3x9@marketplace.amazon.com"],
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

test.each([
  [" O'Neill-Smith ", "o'neill-smith"],
  ["Anna  Maria", "anna  maria"],
  ["Anna\u00a0Maria", "anna maria"],
  ["Anna\tMaria\n", "anna maria"],
  ["山田\u3000太郎", "山田 太郎"],
  ["\u0130pek", "ipek"],
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
  ["Ｊａｎｅ", "jane"],
  ["ﾔﾏﾀﾞ", "ヤマダ"],
  ["\ufb01ona", "fiona"],
  ["I\u015eIK", "i\u015fik"],
  ["Stra\u00dfer", "stra\u00dfer"],
  ["Dr. Jane", "dr. jane"],
  ["林林", "林林"],
  ["X", "x"],
  ["Xxx", null],
  ["No last name", null],
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
  ["\u0130stanbul", "istanbul"],
  ["ＴＯＫＹＯ", "tokyo"],
  ["12345", null],
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
  ["75001 CEDEX 06", "FR", "75001"],
  ["10115 Berlin 2", "DE", "10115"],
  ["10115.0", "DE", "10115"],
  ["100ー0001", "JP", "1000001"],
  ["NL-1234 AB", "NL", "1234ab"],
  ["AD-500", "AD", "ad500"],
  ["AD500", "AD", "ad500"],
  ["VG-1110", "VG", "vg1110"],
  ["BB-11000", "BB", "bb11000"],
  ["LC-01 101", "LC", "lc01101"],
  ["VC-0100", "VC", "vc0100"],
  ["KN-0101", "KN", "kn0101"],
  ["KY1-1001", "KY", "ky11001"],
  ["WS-1001", "WS", "ws1001"],
  ["00000", "AE", null],
  ["101", "IS", "101"],
  ["A05H9B1", "KZ", null],
  ["2. Stock", "AT", null],
  ["A-1010", "AT", "1010"],
  ["00-950", "PL", "00950"],
  ["01310-100", "BR", "01310100"],
  ["〒１００-0001", "JP", "1000001"],
  ["١٢٣٤٥", "SA", "12345"],
  ["C1420ABC", "AR", "c1420abc"],
  ["SW1A 1AA, UK", "GB", "sw1a1aa"],
  ["London E1 6AN", "GB", "e16an"],
  ["SW1 A1AA", "GB", "sw1a1aa"],
  ["JE2 3AB", "JE", "je23ab"],
  ["SW1A", "GB", null],
  ["K1A OB1", "CA", null],
  ["K1A0B1 Canada", "CA", "k1a0b1"],
  ["Dublin 2", "IE", null],
  ["D6W XY00", "IE", "d6wxy00"],
  ["T12 Cork", "IE", null],
  ["D04, Cork", "IE", null],
  ["IED02AF30", "IE", "d02af30"],
  ["D02 AF30 IE", "IE", "d02af30"],
  ["BFPO 801", "GB", "bfpo801"],
  ["Gibraltar, BFPO 52", "GB", "bfpo52"],
  ["BFPO", "GB", null],
  ["GIR 0AA", "GB", "gir0aa"],
  ["1234", "NL", null],
  ["NL1234AB", "NL", "1234ab"],
  ["1234ABNL", "NL", "1234ab"],
  ["1012 NL", "NL", "1012nl"],
  ["1234 Ede", "NL", null],
  ["1067", "DE", null],
  ["2134", "US", null],
  ["6236", "KR", null],
  ["135-080", "KR", "135080"],
  ["6236", "AU", "6236"],
  ["1310100", "BR", null],
  ["1010/2", "AT", "1010"],
  ["P.O. Box 12345", "SA", null],
  ["PO Box 123", "AE", null],
  ["12345", "AE", "12345"],
  ["100\u22120001", "JP", "1000001"],
  ["D-10115", null, "d10115"],
  ["-", "DE", null],
  ["null", "DE", null],
])("postcode %j in %s is hashed as %j", (value, country, expected) => {
  expect(via(normaliseZip)(value, country)).toBe(expected);
});

test.each([
  ["1990-01-31", "19900131"],
  ["1990/1/31", "19900131"],
  ["１９９０\u2010０１\u2010３１", "19900131"],
  ["1990-01-31T00:00:00.000Z", "19900131"],
  // Where the shopper lives, it may be the next day.
  ["1990-01-31T23:00:00Z", null],
  ["1990-02-30", null],
  ["1990-131", null],
  ["1990/01-31", null],
  ["01/02/1990", null],
])("date of birth %j is hashed as %j", (value, expected) => {
  expect(via(normaliseDateOfBirth)(value, undefined)).toBe(expected);
});

test.each([
  ["Female", "f"],
  ["Woman", "f"],
  ["man", "m"],
  ["Non binary", "n"],
  ["non\u2011binary", "n"],
  ["X", null],
])("gender %j is hashed as %j", (value, expected) => {
  expect(via(normaliseGender)(value, undefined)).toBe(expected);
});

test("a province's code is hashed in lower case", () => {
  expect(via(normaliseState)(" KY ", undefined)).toBe("ky");
  expect(via(normaliseState)("US-KY", undefined)).toBe("ky");
  expect(via(normaliseState)("ＫＹ", undefined)).toBe("ky");
  expect(via(normaliseState)("JP-13", undefined)).toBe("jp-13");
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
