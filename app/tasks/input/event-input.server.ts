import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import { ACTION_SOURCES, EVENT_NAMES, ipAddress } from "#app/events/conversion-event.ts";
import { isCurrency } from "#app/events/currency.ts";
import { CLICK_ID } from "#app/mapping/source/find-click-id.server.ts";

/**
 * The kinds of field that an input is made of. Each says its whole rule, whatever is wrong, and
 * never what it was given: that may be personal.
 */

export function matching(pattern: RegExp, rule: string, maxLength: number) {
  return boundedText(maxLength, rule).regex(pattern, rule);
}

function text(maxLength: number, rule: string) {
  return boundedText(maxLength, rule);
}

export function number(min: number, max: number, rule: string) {
  return z.number(rule).min(min, rule).max(max, rule);
}

export function wholeNumber(min: number, max: number, rule: string) {
  return z.int(rule).min(min, rule).max(max, rule);
}

export function flag() {
  return z.boolean("must be true or false");
}

export function choice<const Names extends readonly string[]>(names: Names, advice = "") {
  const list = names.length === 1 ? names[0] : `one of ${names.join(", ")}`;
  return z.enum(names, `must be ${list}${advice}`);
}

export function either<const Options extends readonly z.ZodType[]>(rule: string, options: Options) {
  return z.union(options, rule);
}

/** UTF-16 units in a text that is no id. */
export const MAX_TEXT = 500;
const MAX_AGENT = 2_000;
const MAX_URL = 2_048;
const MAX_COUNT = 1_000_000;
const MAX_ID = 256;
const MAX_CLICK_ID = 1_000;
const MAX_AMOUNT = 40;
const MAX_TIME = 40;
const CURRENCY_RULE = "must be a currency code of three letters, such as USD";
/** The maximum number of values of one match key. */
const MOST_VALUES = 50;
/** Items in any list of an event. */
export const MOST_ITEMS = 500;

/**
 * No control characters and no half of a pair, which Pinterest and Postgres refuse; no emoji, so
 * that a character is one unit in every count; no invisible space around it, which
 * would make it another id.
 */
const ID = /^(?!\s)[^\p{Cc}\p{Cs}\u{10000}-\u{10FFFF}]{1,256}(?<!\s)$/u;
const ID_RULE = "must be text of 1 to 256 characters, no emoji, no space before or after it";
const id = matching(ID, ID_RULE, MAX_ID);

/** Not `-0`, which is no amount; no more digits than any currency needs. */
const AMOUNT = /^(?!-0*(\.0*)?$)-?(0|[1-9]\d{0,17})(\.\d{1,18})?$/;
const AMOUNT_RULE =
  "must be an amount such as 49.90 (a number, or text of digits with a decimal point: no thousands separator, no exponent, no currency sign)";
const amount = either(AMOUNT_RULE, [
  // Beyond this a number has lost digits before it was read.
  number(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, AMOUNT_RULE).refine(
    (value) => !Object.is(value, -0),
    AMOUNT_RULE,
  ),
  matching(AMOUNT, AMOUNT_RULE, MAX_AMOUNT),
]);

/** Pinterest's seconds have ten digits; eleven would be milliseconds. */
export const EARLIEST_SECONDS = 1_000_000_000;
const LATEST_SECONDS = 9_999_999_999;
export const TIME_RULE =
  "must be unix seconds (10 digits), or ISO 8601, such as 2026-11-24T10:00:00Z (without a zone it is UTC)";
/** A day, or a moment; with no zone it is UTC. */
const ISO_8601 =
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$/;
const time = either(TIME_RULE, [
  number(EARLIEST_SECONDS, LATEST_SECONDS, TIME_RULE),
  matching(/^[1-9]\d{9}(\.\d{1,9})?$/, TIME_RULE, MAX_TIME),
  matching(ISO_8601, TIME_RULE, MAX_TIME),
]);

const PERSONAL_RULE = `must be text of at most ${MAX_TEXT} characters, or a list of at most ${MOST_VALUES} such texts`;
const value = text(MAX_TEXT, PERSONAL_RULE);

function personal(description: string) {
  return either(PERSONAL_RULE, [
    value,
    z.array(value, PERSONAL_RULE).max(MOST_VALUES, PERSONAL_RULE),
  ]).meta({ description: `${description}. Normalised and hashed with SHA-256 before it is sent` });
}

const WEB_ADDRESS = /^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/u;
const WEB_ADDRESS_RULE = `must be an address that begins with https:// or http://, of at most ${MAX_URL} characters`;
export const webAddress = matching(WEB_ADDRESS, WEB_ADDRESS_RULE, MAX_URL);

const name = (description: string) =>
  text(MAX_TEXT, `must be text of at most ${MAX_TEXT} characters`).meta({ description });
const count = wholeNumber(1, MAX_COUNT, `must be a whole number from 1 to ${MAX_COUNT}`);

/** A product of an event. */
export const contentInput = z.strictObject(
  {
    id: id.meta({ description: "The product's id in the Pinterest catalogue" }),
    itemPrice: amount.meta({ description: "Of one piece, before discounts" }).optional(),
    quantity: count.optional(),
    itemName: name("The product's name").optional(),
    itemCategory: name("The product's category").optional(),
    itemBrand: name("The product's brand").optional(),
    item_price: amount.meta({ description: "`itemPrice`, in Pinterest's spelling" }).optional(),
    item_name: name("`itemName`, in Pinterest's spelling").optional(),
    item_category: name("`itemCategory`, in Pinterest's spelling").optional(),
    item_brand: name("`itemBrand`, in Pinterest's spelling").optional(),
  },
  "must be an object with id, and itemPrice, quantity, itemName, itemCategory, itemBrand as needed",
);

const CONTENTS_RULE = `must be a list of at most ${MOST_ITEMS} products`;

/**
 * The keys of one event, in the caller's words: what JSON Schema can say of them. They are the
 * source of the API's description as well. Nothing is required and nothing is changed here.
 */
export const eventInput = z.strictObject({
  eventName: choice(
    EVENT_NAMES,
    "; for a name of your own use custom, and put it into customEventName",
  )
    .meta({ description: "A standard event name, or `custom`", default: "checkout" })
    .optional(),
  customEventName: id
    .meta({ description: "With `custom`: the advertiser-defined name that is sent" })
    .optional(),
  email: personal("Email address").optional(),
  phone: personal("Phone number with + and country code, or as dialled in `country`").optional(),
  externalId: personal("Your own id of the person").optional(),
  firstName: personal("First name").optional(),
  lastName: personal("Last name").optional(),
  gender: personal(
    "`f`, `m`, `n` (non-binary), `female` or `male`; others are left out",
  ).optional(),
  dateOfBirth: personal("Such as 1990-01-31").optional(),
  city: personal("City").optional(),
  state: personal("State or province, by its code").optional(),
  zip: personal("Postcode").optional(),
  country: personal("Two-letter country code (ISO 3166-1)").optional(),
  clientIpAddress: ipField().meta({ description: "The person's IP address, sent raw" }).optional(),
  clientUserAgent: text(MAX_AGENT, `must be text of at most ${MAX_AGENT} characters`)
    .meta({ description: "The person's browser, sent raw" })
    .optional(),
  clickId: matching(CLICK_ID, "must be 1 to 1000 plain characters without spaces", MAX_CLICK_ID)
    .meta({ description: "Pinterest's click id (`epik`), sent raw" })
    .optional(),
  eventTime: time
    .meta({ description: "When it happened: unix seconds, or ISO 8601. Not given: now" })
    .optional(),
  eventId: id
    .meta({
      description:
        "Deduplication id. Not given: `task-` and a fingerprint of the event's fields, so that the same input is one event",
    })
    .optional(),
  eventSourceUrl: matching(WEB_ADDRESS, WEB_ADDRESS_RULE, MAX_URL)
    .refine(URL.canParse, "must be a web address")
    .meta({ description: "The page on which it happened" })
    .optional(),
  value: amount
    .meta({ description: "Value in major units of `currency`. Text is kept to the digit" })
    .optional(),
  currency: matching(/^[A-Za-z]{3}$/, CURRENCY_RULE, 3)
    .refine((code) => isCurrency(code.toUpperCase()), CURRENCY_RULE)
    .meta({ description: "ISO 4217", default: "USD" })
    .optional(),
  orderId: id.meta({ description: "The order's id" }).optional(),
  orderQuantity: count
    .meta({ description: "Pieces in the order. Not given: those of `contents`, else 1" })
    .optional(),
  productId: id.meta({ description: "The product's id in the Pinterest catalogue" }).optional(),
  contents: z
    .array(contentInput, CONTENTS_RULE)
    .max(MOST_ITEMS, CONTENTS_RULE)
    .meta({ description: "The products" })
    .optional(),
  actionSource: choice(ACTION_SOURCES)
    .meta({ description: "Where it happened", default: "web" })
    .optional(),
  isAlreadyHashed: flag()
    .meta({
      description:
        "The personal fields are SHA-256 in 64 hexadecimal digits already, and are not hashed again",
      default: false,
    })
    .optional(),
  optOut: flag().meta({ description: "The person opted out of tracking" }).optional(),
  optOutType: choice(["LDP"]).meta({ description: "Limited data processing" }).optional(),
});

function ipField() {
  return either("must be an IPv4 or IPv6 address, without port or zone", ipAddress.options);
}

export type EventInput = z.infer<typeof eventInput>;

export type PersonalKey = (typeof PERSONAL_KEYS)[number];

export const PERSONAL_KEYS = [
  "email",
  "phone",
  "externalId",
  "firstName",
  "lastName",
  "gender",
  "dateOfBirth",
  "city",
  "state",
  "zip",
  "country",
] as const satisfies readonly (keyof EventInput)[];
