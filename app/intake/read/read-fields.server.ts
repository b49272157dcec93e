import { z } from "zod";
import { soundBySchema } from "#app/events/sound-by-schema.ts";
import type { Amount } from "#app/events/store-event.ts";
import { isDecimal } from "#app/mapping/decimal.server.ts";

/**
 * Defines how the fields of Shopify's webhooks are read. Shopify leaves out fields that an app may
 * not see, writes null for missing values, and "" in drafts: all three mean absent, in every
 * optional field. A wrong type is a fault. Messages name the expected type and never the value,
 * because they are kept.
 */
const MAX_ID = 2n ** 63n;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** Absent, null, "" or a value that passes the test. */
function optionalField<T>(isValid: (value: unknown) => value is T, expected: string) {
  return z
    .custom<T | "" | null | undefined>(
      (value) => value === undefined || value === null || value === "" || isValid(value),
      { error: `expected ${expected}` },
    )
    .optional();
}

function requiredField<T>(isValid: (value: unknown) => value is T, expected: string) {
  return z.custom<T>(isValid, { error: `expected ${expected}` });
}

/** A float past 2^53 is rejected: it stands for several ids, and may be another order's. */
function isId(value: unknown): value is number | bigint {
  return typeof value === "bigint"
    ? value > 0n && value < MAX_ID
    : Number.isSafeInteger(value) && (value as number) > 0;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function looksLikeCurrency(value: unknown): value is string {
  return typeof value === "string" && /^[A-Z]{3}$/.test(value);
}

export function isDateTime(value: unknown): value is string {
  return typeof value === "string" && DATE_TIME.test(value) && !Number.isNaN(Date.parse(value));
}

/** Bounded so that the sum over all lines is still a whole number. */
export function isQuantity(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1_000_000_000;
}

export const optionalId = optionalField(isId, "a whole number above 0");
export const optionalText = optionalField(isText, "text");
export const optionalFlag = optionalField(isFlag, "true or false");
export const optionalCurrency = optionalField(
  looksLikeCurrency,
  "a currency of three capital letters",
);
export const currency = requiredField(looksLikeCurrency, "a currency of three capital letters");
export const anything = z.unknown().optional();
/**
 * Amounts are parsed where they are used: an odd amount that a shop's settings do not need must not
 * block an event.
 */
export const amount = z.unknown().optional();
/** The same for a set, of which Shopify is asked for this part alone. */
export const amountSet = z.union([anything, z.object({ presentment_money: anything })]).optional();
export const dateTime = requiredField(isDateTime, "a date and time with its offset");
export const optionalDateTime = optionalField(isDateTime, "a date and time with its offset");
export const quantity = requiredField(isQuantity, "a whole number from 0 to 1000000000");

/** A list of this length is read whole before its faults are counted. */
const USUAL_LENGTH = 1_000;
const MOST_FAULTS = 100;

/**
 * A list of any length: an order with many items is still a sale. Only faults have a limit, and are
 * counted before they are named: a webhook of 8 MiB holds millions of faulty items, and naming each
 * of them stopped the process for seconds. The items are not copied: zod would copy each, at 400
 * bytes or more.
 */
export function list<T extends z.ZodType>(item: T) {
  const isSound = soundBySchema(item);
  const hasFewFaults = (items: unknown[]) => {
    let faults = 0;
    for (const each of items) {
      if (!isSound(each)) faults += 1;
      if (faults > MOST_FAULTS) return false;
    }
    return true;
  };
  const isReadable = (value: unknown): value is unknown[] =>
    Array.isArray(value) && (value.length <= USUAL_LENGTH || hasFewFaults(value));
  const items = z.array(item);
  const { run } = items._zod;
  items._zod.run = (payload, context) => {
    if (!Array.isArray(payload.value)) return run(payload, context);
    payload.value.forEach((each, index) => {
      const error = isSound(each) ? undefined : item.safeParse(each).error;
      for (const issue of error?.issues ?? []) {
        payload.issues.push({ ...issue, path: [index, ...issue.path] } as z.core.$ZodRawIssue);
      }
    });
    return payload;
  };
  return requiredField(isReadable, "a list with few faults").pipe(items);
}

/** An object, or nothing; early checkouts write `[]` for an address that is not there yet. */
export function optionalObject<S extends z.ZodRawShape>(shape: S) {
  const object = z.object(shape, { error: "expected an object" });
  const nothing = z.custom<null | "" | []>(
    (value) => value === null || value === "" || (Array.isArray(value) && value.length === 0),
  );
  return z.union([object, nothing]).optional();
}

/** Returns the object, or null for each of the ways to write "none". */
export function presentObject<T extends object>(value: T | [] | "" | null | undefined): T | null {
  return value === undefined || value === null || value === "" || Array.isArray(value)
    ? null
    : (value as T);
}

const GID_DIGITS = /^gid:\/\/shopify\/\w+\/([1-9]\d{0,18})$/;

/**
 * Reads Shopify's id as digits. The number is the identity; `admin_graphql_api_id`, a second copy
 * of it, is used where there is none. Null when neither can be read.
 */
export function readId(id: unknown, gid: unknown): string | null {
  if (isId(id)) return String(id);
  if (typeof gid !== "string") return null;
  return GID_DIGITS.exec(gid)?.[1] ?? null;
}

export function toSeconds(dateTimeText: string): number {
  return Math.floor(Date.parse(dateTimeText) / 1000);
}

/**
 * Reads an amount in both currencies; null where it cannot be read. Shopify's `…_set` has it a
 * second time in the currency that the shopper saw. An amount in another currency than the order's
 * presentment currency counts as missing: sums over it would mix currencies.
 */
export function readAmount(
  shop: unknown,
  set: unknown,
  presentmentCurrency: string | null,
): Amount {
  const seen = (set as MoneySet)?.presentment_money;
  const isOfOrder = presentmentCurrency !== null && seen?.currency_code === presentmentCurrency;
  return {
    shop: isDecimal(shop) ? shop : null,
    presentment: isOfOrder && isDecimal(seen?.amount) ? seen.amount : null,
  };
}

/** The expected shape of a set; in any other value these keys are undefined, and it has no other side. */
type MoneySet = { presentment_money?: { amount?: unknown; currency_code?: unknown } } | undefined;

/** An amount of null or "" is missing, and is not replaced by another. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}
