import fc from "fast-check";
import { expect, test } from "vitest";
import { MATCH_KEYS } from "#app/events/match-keys.ts";
import {
  formatNotes,
  type KeyNote,
  LEFT_OUT_REASONS,
  leftOut,
  ORIGINS,
  parseNotes,
  withOrigin,
} from "#app/events/match-notes.ts";

const letter = fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ");
const country = fc.option(fc.tuple(letter, letter).map((letters) => letters.join("")));
const key = fc.constantFrom(...MATCH_KEYS);
const note: fc.Arbitrary<KeyNote> = fc.oneof(
  fc.record({ key, origins: fc.uniqueArray(fc.constantFrom(...ORIGINS), { minLength: 1 }) }),
  fc.record({ key, leftOut: fc.constantFrom(...LEFT_OUT_REASONS), country }),
);

test("notes read back as they were written", () => {
  fc.assert(
    fc.property(fc.array(note), (notes) => {
      expect(parseNotes(formatNotes(notes))).toEqual(notes);
    }),
  );
});

test("no text breaks the reading of notes", () => {
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseNotes(text))));
});

test("what a newer version wrote is left out, and the rest is read", () => {
  expect(
    parseNotes("em=order+telepathy;zz=order;ph=!bored;fn=moon;ln=!absent;ct=!absent:us"),
  ).toEqual([
    { key: "em", origins: ["order"] },
    { key: "ln", leftOut: "absent", country: null },
  ]);
  expect(parseNotes("")).toEqual([]);
});

test("an origin is named once, and no name is mistaken for a part of another", () => {
  expect(withOrigin(withOrigin("", "order"), "order")).toBe("order");
  expect(ORIGINS.reduce((text, origin) => withOrigin(text, origin), "")).toBe(ORIGINS.join("+"));
  expect(leftOut("incomplete", "US")).toBe("!incomplete:US");
});
