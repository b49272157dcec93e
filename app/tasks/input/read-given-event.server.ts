import { cleanText } from "#app/events/clean-text.ts";
import type { Content } from "#app/events/conversion-event.ts";
import type { GivenEvent } from "#app/events/given-event.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import { EARLIEST_SECONDS, type EventInput, MAX_TEXT, TIME_RULE } from "./event-input.server.ts";
import { readPerson } from "./read-person.server.ts";

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
