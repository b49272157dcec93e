import { isAscii, isUtf8 } from "node:buffer";
import { parse } from "lossless-json";

/**
 * Integers of 16 and more digits may exceed 2^53, where a float is another order's id. The pattern
 * matches anything that could begin a number; a hit inside a string only costs time.
 */
const LONG_INTEGER = /[:,[]\s*-?\d{16}/;
/**
 * No 64-bit id has more digits, and the time for reading longer ones grows with the square of their
 * length.
 */
const WHOLE_NUMBER = /^-?\d{1,20}$/;

/**
 * Parses a webhook's body; null when it is not UTF-8, not JSON, or JSON that is not an object. An
 * integer past 2^53 becomes the nearest float.
 */
export function parseJsonObject(body: Buffer): Record<string, unknown> | null {
  // Decoded as one byte per character, it takes half the time and memory.
  if (isAscii(body)) return asObject(parseNatively(body.toString("latin1")));
  return isUtf8(body) ? asObject(parseNatively(body.toString("utf8"))) : null;
}

/**
 * Parses the same with such integers as bigint, in ten times the time; null also where there is no
 * such integer, because the object would be the same.
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
      // Duplicate keys are handled as by JSON.parse; the default rejects the body.
      onDuplicateKey: ({ newValue }) => newValue,
    });
  } catch (error) {
    // The parser recurses: deep nesting overflows the stack. JSON.parse does not recurse, and the
    // ids it rounds are rejected later because they are not safe integers.
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
