import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { normalisePhone } from "#app/mapping/person/normalise-phone.server.ts";
import {
  normaliseCity,
  normaliseEmail,
  normaliseName,
  normaliseState,
  normaliseZip,
} from "#app/mapping/person/normalise-value.server.ts";
import { mapOrderBody, sentEvent } from "./web-order.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test.each([
  ["Jane.Doe@Example.com", "jane.doe@example.com"],
  [" jane doe\t@example.com\u00a0", "janedoe@example.com"],
  ["jose\u0301@example.com", "jos\u00e9@example.com"],
  ["jane.doe+shop@gmail.com", "jane.doe+shop@gmail.com"],
  ["   ", null],
  ["not an email", null],
  ["@example.com", null],
])("email %j is hashed as %j", (value, expected) => {
  expect(normaliseEmail(value)).toBe(expected);
});

test.each([
  ["+1 (415) 555-0123", "US", "14155550123"],
  ["(415) 555-0123", "US", "14155550123"],
  ["415-555-0123 ext. 9", "US", "14155550123"],
  ["0415 570 123", "AU", "61415570123"],
  ["030 901820", "DE", "4930901820"],
  ["+44 20 7946 0958", null, "442079460958"],
  ["(415) 555-0123", null, null],
  ["(415) 555-0123", "XX", null],
  ["555-555-SHIP", "US", null],
  ["123", "US", null],
  ["", "US", null],
  ["4".repeat(10_000), "US", null],
])("phone %j in %s is hashed as %j", (value, country, expected) => {
  expect(normalisePhone(value, country)).toBe(expected);
});

test.each([
  [" O'Neill-Smith ", "o'neill-smith"],
  ["Anna  Maria", "anna  maria"],
  ["Zoe\u0308", "zo\u00eb"],
  ["  ", null],
])("name %j is hashed as %j", (value, expected) => {
  expect(normaliseName(value)).toBe(expected);
});

test.each([
  ["Menlo Park", "menlopark"],
  ["Saint-Étienne", "saintétienne"],
  ["St. John's", "stjohns"],
  ["दिल्ली", "दिल्ली"],
  ["กรุงเทพ มหานคร", "กรุงเทพมหานคร"],
  ["6th of October City", "6thofoctobercity"],
  ["--", null],
])("city %j is hashed as %j", (value, expected) => {
  expect(normaliseCity(value)).toBe(expected?.normalize("NFC") ?? null);
});

test.each([
  ["94107-1234", "US", "94107"],
  ["94107", "US", "94107"],
  ["941", "US", null],
  ["K2P 0B0", "CA", "k2p0b0"],
  ["sw1a 1aa", "GB", "sw1a1aa"],
  ["1234 AB", "NL", "1234ab"],
  ["00-950", "PL", "00950"],
  ["01310-100", "BR", "01310100"],
  ["１００-0001", "JP", "1000001"],
  ["-", "DE", null],
])("postcode %j in %s is hashed as %j", (value, country, expected) => {
  expect(normaliseZip(value, country)).toBe(expected);
});

test("a province's code is hashed in lower case", () => {
  expect(normaliseState(" KY ")).toBe("ky");
  expect(normaliseState(" ")).toBeNull();
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
