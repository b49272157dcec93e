import { expect, test } from "vitest";
import { parseJsonObject, parseLongIntegers } from "#app/intake/read/read-json-object.server.ts";

/** As a webhook is read at last: with its digits where a float cannot hold them. */
const parse = (text: string) =>
  parseLongIntegers(Buffer.from(text)) ?? parseJsonObject(Buffer.from(text));

test("an order id past 2^53 keeps every digit", () => {
  expect(parse('{"id":820982911946154508}')).toEqual({ id: 820982911946154508n });
  expect(parse('{"ids":[ 9007199254740993,\n-9007199254740993]}')).toEqual({
    ids: [9007199254740993n, -9007199254740993n],
  });
});

test("a number that a float holds exactly stays a number", () => {
  expect(parse('{"id":6204411576410,"rate":0.06,"at":1.5}')).toEqual({
    id: 6_204_411_576_410,
    rate: 0.06,
    at: 1.5,
  });
  expect(parse('{"id":9007199254740991}')).toEqual({ id: 9007199254740991 });
});

test("digits inside a text change nothing", () => {
  const body = { note: "a: 9007199254740993, b", tags: '[9007199254740993,"' };
  expect(parse(JSON.stringify(body))).toEqual(body);
});

test("what is not a JSON object is no object", () => {
  for (const text of ["", "null", "[]", "1", '"text"', "{", '{"a":1,}', "{'a':1}", "NaN"]) {
    expect(parse(text), text).toBeNull();
  }
  expect(parse('{"id":9007199254740993,}')).toBeNull();
});

test("bytes that are not UTF-8 are no object", () => {
  expect(parseJsonObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBeNull();
});

test("of a key that comes twice the last one counts, with long ids as without", () => {
  expect(parse('{"a":1,"a":2}')).toEqual({ a: 2 });
  expect(parse('{"a":1,"a":2,"id":9007199254740993}')).toEqual({ a: 2, id: 9007199254740993n });
});

test("__proto__ in a body is a key like any other", () => {
  for (const id of ["1", "9007199254740993"]) {
    const object = parse(`{"id":${id},"__proto__":{"test":true}}`);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(Object.hasOwn(object ?? {}, "__proto__")).toBe(true);
  }
});

test("100,000 levels of nesting are read", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  expect(parse(`{"id":1,"deep":${deep}}`)?.id).toBe(1);
  expect(parse(`{"id":9007199254740993,"deep":${deep}}`)).not.toBeNull();
});

test("numbers without bound are read", () => {
  expect(parse('{"a":1e400,"b":9007199254740993}')).toEqual({ a: Infinity, b: 9007199254740993n });
  expect(parse(`{"a":${"9".repeat(100_000)}}`)).toEqual({ a: Infinity });
});
