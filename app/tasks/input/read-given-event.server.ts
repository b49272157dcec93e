import { cleanText, cleanTyped } from "#app/events/clean-text.ts";
import type { Content } from "#app/events/conversion-event.ts";
import type { GivenEvent, GivenPerson } from "#app/events/given-event.ts";
import { normaliseEmail } from "#app/mapping/person/normalise-value.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import {
  EARLIEST_SECONDS,
  type EventInput,
  MAX_TEXT,
  PERSONAL_KEYS,
  type PersonalKey,
  TIME_RULE,
} from "./event-input.server.ts";

const DEFAULT_EVENT_NAME = "checkout";
const DEFAULT_CURRENCY = "USD";
const CUSTOM = "custom";

const NAME_FAULT: FieldFault = {
  path: "customEventName",
  message: "is only for eventName custom",
};

/**
 * The event in our words, and what is wrong with fields that are right by themselves. With faults
 * it is not to be used. `faultyKeys`: fields that were left out because they are faulty.
 */
export function readGivenEvent(
  fields: EventInput,
  { nowSeconds, faultyKeys }: { nowSeconds: number; faultyKeys: ReadonlySet<string> },
): { given: GivenEvent; faults: FieldFault[] } {
  const isJudged = (key: keyof EventInput) => !faultyKeys.has(key);
  const { eventName = DEFAULT_EVENT_NAME, customEventName, value, orderId } = fields;
  const isMisnamed = customEventName !== undefined && eventName !== CUSTOM;
  const time = readEventTime(fields.eventTime, nowSeconds);
  const { person, faults } = readPerson(fields, isJudged);
  return {
    given: {
      name: customEventName ?? eventName,
      actionSource: fields.actionSource ?? "web",
      occurredAtSeconds: time.ok ? time.occurredAtSeconds : null,
      sourceUrl: fields.eventSourceUrl ?? null,
      value: value === undefined ? null : readDecimal(value),
      currency: fields.currency?.toUpperCase() ?? DEFAULT_CURRENCY,
      orderId: orderId ?? null,
      itemCount: countItems(fields),
      contents: readContents(fields),
      person,
      clientIpAddress: fields.clientIpAddress ?? null,
      clientUserAgent: cleanText(
        fields.clientUserAgent,
        fields.clientUserAgent?.length ?? MAX_TEXT,
      ),
      clickId: fields.clickId ?? null,
      optOut: fields.optOut ?? null,
      optOutType: fields.optOutType ?? null,
    },
    faults: [
      ...(isMisnamed && isJudged("eventName") ? [NAME_FAULT] : []),
      ...(time.ok ? [] : [{ path: "eventTime", message: time.message }]),
      ...faults,
    ],
  };
}

/** The products of an event; `productId` is the first, with what `contents` says of it. */
function readContents({
  productId,
  contents = [],
}: Pick<EventInput, "productId" | "contents">): Content[] {
  const listed = contents.map(toContent);
  if (productId === undefined) return listed;
  const place = listed.findIndex(({ id }) => id === productId);
  return [listed[place] ?? { id: productId }, ...listed.toSpliced(place, place < 0 ? 0 : 1)];
}

/** The total quantity: the given number, or the sum of the list, or one. */
function countItems({
  orderQuantity,
  contents = [],
}: Pick<EventInput, "orderQuantity" | "contents">): number {
  if (orderQuantity !== undefined) return orderQuantity;
  if (contents.length === 0) return 1;
  return contents.reduce((sum, { quantity = 1 }) => sum + quantity, 0);
}

function toContent(given: NonNullable<EventInput["contents"]>[number]): Content {
  const { id, itemPrice = given.item_price, quantity } = given;
  const name = cleanText(given.itemName ?? given.item_name, MAX_TEXT);
  const category = cleanText(given.itemCategory ?? given.item_category, MAX_TEXT);
  const brand = cleanText(given.itemBrand ?? given.item_brand, MAX_TEXT);
  return {
    id,
    ...(itemPrice !== undefined && { item_price: readDecimal(itemPrice) }),
    ...(quantity !== undefined && { quantity }),
    ...(name !== null && { item_name: name }),
    ...(category !== null && { item_category: category }),
    ...(brand !== null && { item_brand: brand }),
  };
}

const EXPONENT = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/;

/**
 * An amount as a plain decimal. Text is kept to the digit; of a number, the digits that JavaScript
 * shows, without the exponent in which it writes those below a millionth.
 */
function readDecimal(amount: number | string): string {
  if (typeof amount === "string") return amount;
  const digits = String(amount);
  const [, sign, first, rest = "", exponent] = EXPONENT.exec(digits) ?? [];
  if (exponent === undefined) return digits;
  return `${sign}0.${"0".repeat(Number(exponent) - 1)}${first}${rest}`;
}

/** The caller's clock may be ahead of ours by this much. */
const CLOCK_DIFFERENCE_SECONDS = 5 * 60;

type ReadTime = { ok: true; occurredAtSeconds: number | null } | { ok: false; message: string };

/** Whole unix seconds, not later than now; null: not given. */
function readEventTime(given: EventInput["eventTime"], nowSeconds: number): ReadTime {
  if (given === undefined) return { ok: true, occurredAtSeconds: null };
  const seconds = Math.floor(toSeconds(given));
  if (!(seconds >= EARLIEST_SECONDS)) return { ok: false, message: TIME_RULE };
  if (seconds > nowSeconds + CLOCK_DIFFERENCE_SECONDS) {
    return { ok: false, message: "lies in the future: Pinterest takes what has happened" };
  }
  return { ok: true, occurredAtSeconds: Math.min(seconds, nowSeconds) };
}

function toSeconds(given: number | string): number {
  if (typeof given === "number") return given;
  const [, day, time = "T00:00", zone = "Z"] = MOMENT.exec(given) ?? [];
  if (day === undefined) return Number(given);
  if (!isDay(day)) return Number.NaN;
  const offset = zone.replace(
    /^([+-]\d{2}):?(\d{2})?$/,
    (_, hours, minutes = "00") => `${hours}:${minutes}`,
  );
  return Date.parse(`${day}${time.replace(",", ".")}${offset}`) / 1_000;
}

/** A day that its month does not have runs over into the next, and is another day. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})(T[\d:.,]+)?(Z|[+-][\d:]+)?$/;

interface PersonalValue {
  /** `email`, or `email.1` in a list. */
  path: string;
  value: string;
}

type PersonalValues = Record<PersonalKey, PersonalValue[]>;

/**
 * The person of an event. A phone number, birthday or country that cannot be made out is left out
 * when it is hashed, as an order's is: the event's other keys still match. `isJudged` says whether a
 * key can be judged: not where what it depends on is faulty itself.
 */
function readPerson(
  fields: Pick<EventInput, PersonalKey | "isAlreadyHashed">,
  isJudged: (key: keyof EventInput) => boolean,
): { person: GivenPerson; faults: FieldFault[] } {
  const isHashed = fields.isAlreadyHashed ?? false;
  const values = Object.fromEntries(
    PERSONAL_KEYS.map((key) => [key, listValues(key, fields[key], isHashed)]),
  ) as PersonalValues;
  const person = toPerson(values, isHashed);
  if (!isJudged("isAlreadyHashed")) return { person, faults: [] };
  if (isHashed) return { person, faults: PERSONAL_KEYS.flatMap((key) => hashFaults(values[key])) };
  return { person, faults: findFaults(values.email, EMAIL_RULE, readEmail) };
}

const HASH_RULE = "must be SHA-256 in 64 hexadecimal digits, as isAlreadyHashed says";
const EMAIL_RULE = "must be an email address; if it is hashed already, say so with isAlreadyHashed";

function listValues(
  key: PersonalKey,
  given: string | string[] | undefined,
  isHashed: boolean,
): PersonalValue[] {
  if (given === undefined) return [];
  const texts = Array.isArray(given)
    ? given.map((text, place) => ({ path: `${key}.${place}`, text }))
    : [{ path: key, text: given }];
  return texts.flatMap(({ path, text }) => {
    const clean = cleanText(text, MAX_TEXT);
    if (clean === null) return [];
    // Values hashed later are cleaned then by their kind: names keep the joiners inside words.
    return [{ path, value: isHashed ? clean.toLowerCase() : text }];
  });
}

function toPerson(values: PersonalValues, isHashed: boolean): GivenPerson {
  const all = (key: PersonalKey) => values[key].map(({ value }) => value);
  const countries = all("country");
  return {
    isHashed,
    emails: all("email"),
    phones: all("phone"),
    externalIds: all("externalId"),
    firstNames: all("firstName"),
    lastNames: all("lastName"),
    genders: all("gender"),
    datesOfBirth: all("dateOfBirth"),
    cities: all("city"),
    states: all("state"),
    zips: all("zip"),
    countries: isHashed ? countries : countries.map((country) => country.toUpperCase()),
  };
}

/** Returns null for an invalid address; an empty value counts as absent, not as a fault. */
function readEmail(value: string): string | null {
  const typed = cleanTyped(value);
  return typed === null ? "" : normaliseEmail(typed);
}

function hashFaults(values: PersonalValue[]): FieldFault[] {
  return findFaults(values, HASH_RULE, (value) => /^[0-9a-f]{64}$/.exec(value));
}

/** `read` returns null for what cannot be read. */
function findFaults(
  values: PersonalValue[],
  message: string,
  read: (value: string) => unknown,
): FieldFault[] {
  return values.filter(({ value }) => read(value) === null).map(({ path }) => ({ path, message }));
}
