import { isUtf8 } from "node:buffer";
import { parse } from "lossless-json";

/**
 * Integers of 16 and more digits may lie past 2^53, where a float is another order's id. Looks at
 * what could begin a number; a hit inside a string costs time, nothing else.
 */
const LONG_INTEGER = /[:,[]\s*-?\d{16}/;
/** No 64-bit id has more digits, and reading far longer ones takes time that grows with the square. */
const WHOLE_NUMBER = /^-?\d{1,20}$/;

/**
 * Reads a webhook's body; null when it is not UTF-8, not JSON, or JSON that is no object. Integers
 * too long for a float come as bigint.
 */
export function parseJsonObject(body: Buffer): Record<string, unknown> | null {
  if (!isUtf8(body)) return null;
  const text = body.toString("utf8");
  const value = LONG_INTEGER.test(text) ? parseLosslessly(text) : parseNatively(text);
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
