import { isAscii, isUtf8 } from "node:buffer";
import { parse } from "lossless-json";

/**
 * Integers of 16 and more digits may lie past 2^53, where a float is another order's id. Looks at
 * what could begin a number; a hit inside a string costs time, nothing else.
 */
const LONG_INTEGER = /[:,[]\s*-?\d{16}/;
/** No 64-bit id has more digits, and reading far longer ones takes time that grows with the square. */
const WHOLE_NUMBER = /^-?\d{1,20}$/;

/**
 * Reads a webhook's body; null when it is not UTF-8, not JSON, or JSON that is no object. An integer
 * past 2^53 comes as the float nearest to it.
 */
export function parseJsonObject(body: Buffer): Record<string, unknown> | null {
  // As one byte a letter it is read and kept in half the time.
  if (isAscii(body)) return asObject(parseNatively(body.toString("latin1")));
  return isUtf8(body) ? asObject(parseNatively(body.toString("utf8"))) : null;
}

/**
 * The same with such integers as bigint, in ten times the time; null also where there is none, so
 * that the object would be the same.
 */
export function parseLongIntegers(body: Buffer): Record<string, unknown> | null {
  const text = body.toString("utf8");
  return LONG_INTEGER.test(text) ? asObject(parseLosslessly(text)) : null;
}

function asObject(value: unknown): Record<string, unknown> | null {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : null;
}

function parseLosslessly(text: string): unknown {
  try {
    return parse(text, null, {
      parseNumber: readNumber,
      // As JSON.parse does; the default refuses the body.
      onDuplicateKey: ({ newValue }) => newValue,
    });
  } catch (error) {
    // The parser recurses: a body nested deep enough overflows the stack. JSON.parse does not, and
    // the ids it rounds are refused later because they are not safe integers.
    return error instanceof RangeError ? parseNatively(text) : undefined;
  }
}

function parseNatively(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readNumber(literal: string): number | bigint {
  const number = Number(literal);
  return Number.isSafeInteger(number) || !WHOLE_NUMBER.test(literal) ? number : BigInt(literal);
}
