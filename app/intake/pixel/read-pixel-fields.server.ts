import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import { isCurrency } from "#app/events/currency.ts";
import { readToken } from "#app/intake/read/read-basket.server.ts";
import { isDecimal } from "#app/mapping/decimal.server.ts";

/**
 * Defines how the fields of a pixel's body are read. Whoever can reach the server writes them, so
 * each text is bounded before anything looks at it, and what is not named here is never looked up.
 * Absent, null and "" all mean that the page has none.
 */
function optionalText(maxLength: number) {
  return boundedText(maxLength, `expected text of at most ${maxLength} characters`)
    .nullable()
    .optional();
}

/** Longer than any token, id, code or amount that Shopify writes. */
export const shortText = optionalText(300);
export const longText = optionalText(2_000);

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Shopify writes ids as numbers, as their digits, or as `gid://shopify/…/1`. */
export const optionalId = z.union([shortText, z.custom<number>(isNumber, "expected an id")]);
/** What a page's own script writes as text; a search for 42 may be a number there. */
export const writtenText = z.union([longText, z.custom<number>(isNumber, "expected text")]);
/** The pixel API gives amounts as numbers; a page may give text. */
export const optionalAmount = z.union([shortText, z.custom<number>(isNumber, "expected a number")]);
export const optionalFlag = z
  .custom<boolean>((value) => typeof value === "boolean", "expected true or false")
  .nullable()
  .optional();

const fault = "expected an object";
/** An object of which only these fields are read. */
export function optionalObject<S extends z.ZodRawShape>(shape: S) {
  return z.object(shape, { error: fault }).nullable().optional();
}

export function optionalList<T extends z.ZodType>(item: T, most: number) {
  const message = `expected a list of at most ${most}`;
  return z.array(item, message).max(most, { error: message, abort: true }).nullable().optional();
}

const TRAILING_DIGITS = /(?:^|[/:])([1-9]\d{0,18})(?:\?.*)?$/;

/** Reads an id as its digits: the last part of a gid, whose middle Shopify has changed before. */
export function readNumericId(value: string | number | null | undefined): string | null {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && value > 0 ? String(value) : null;
  }
  return TRAILING_DIGITS.exec(value ?? "")?.[1] ?? null;
}

const CART_GID = /^gid:\/\/shopify\/Cart\//;

/** Reads the token of a cart, which an order names it by: `gid://shopify/Cart/<token>?key=…`. */
export function readCartToken(value: string | number | null | undefined): string | null {
  if (typeof value !== "string") return null;
  return readToken(value.replace(CART_GID, "").split("?")[0]);
}

/** In capitals, whatever a page writes; null for what is no currency. */
export function readCurrency(value: string | null | undefined): string | null {
  const code = value?.toUpperCase() ?? "";
  return isCurrency(code) ? code : null;
}

/** What a page wrote, as text. */
export function readWritten(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** More decimal places than any currency has: what lies beyond is noise of the browser's sums. */
const MOST_PLACES = 6;
const MAX_AMOUNT = 1e12;

/**
 * Reads an amount as a decimal string. The shortest text of a JSON number is the number as the page
 * wrote it, so no digit is lost; `59.970000000000006`, which a sum in the browser leaves, is 59.97.
 */
export function readAmount(value: string | number | null | undefined): string | null {
  if (typeof value === "string") return isDecimal(value) && value.length <= 40 ? value : null;
  if (typeof value !== "number" || Math.abs(value) >= MAX_AMOUNT) return null;
  const text = String(value);
  const places = text.length - 1 - text.indexOf(".");
  if (isDecimal(text) && (!text.includes(".") || places <= MOST_PLACES)) return text;
  const rounded = value.toFixed(MOST_PLACES).replace(/\.?0+$/, "");
  return isDecimal(rounded) ? rounded : null;
}

/** A number of pieces; null for one that is none. */
export function readQuantity(value: string | number | null | undefined): number | null {
  const number = Number(value ?? Number.NaN);
  return Number.isInteger(number) && number > 0 && number <= 1_000_000_000 ? number : null;
}
