import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine } from "#app/admin/shell/csv.server.ts";

const SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"];
const SEPARATORS = [";", ",", "\t", "|", "\n", "\r"];

test("no cell begins a formula, whatever character the reader's spreadsheet splits at", () => {
  const text = fc.array(fc.constantFrom(...SIGNS, ...SEPARATORS, "a", "1", " ", '"', "'"), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(text, (parts) => {
      const line = csvLine([parts.join(""), "x"]);
      for (const separator of SEPARATORS) {
        for (const cell of line.split(separator)) {
          const [first = ""] = cell.replace(/^[" ]+/, "");
          // A tab between two separators is what splits there itself.
          if (SEPARATORS.includes(first)) continue;
          expect([line, cell, SIGNS.includes(first)]).toEqual([line, cell, false]);
        }
      }
    }),
  );
});

test("what is no formula is read back as it was, and texts are quoted", () => {
  const cells = ["1042", 'a "b"', "x;y,z|w", "line\nbreak", "n=1", ""];
  const line = csvLine([...cells, 5, null]);
  expect(line).toMatch(/^"1042","a ""b"""/);
  expect(line.endsWith('"",5,\r\n')).toBe(true);
  expect(parse(line)).toEqual([[...cells, "5", ""]]);
});

test("a formula is text", () => {
  expect(csvLine(["=1+1", "x;@SUM(1)", "＝1"])).toBe(`"'=1+1","x;'@SUM(1)","'＝1"\r\n`);
});
