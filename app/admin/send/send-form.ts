/** What a merchant may do with events by hand. `demo` leaves the app nowhere, `test` records nothing. */
export const SEND_MODES = ["demo", "test", "live"] as const;

export type SendMode = (typeof SEND_MODES)[number];

/** The fields of one event on the screen, by the keys that every other door has for them. */
export const SEND_FIELDS = [
  "eventName",
  "customEventName",
  "actionSource",
  "eventTime",
  "eventSourceUrl",
  "value",
  "currency",
  "orderId",
  "orderQuantity",
  "productId",
  "eventId",
  "email",
  "phone",
  "externalId",
  "clickId",
  "clientIpAddress",
  "clientUserAgent",
  "isAlreadyHashed",
] as const;

export type SendField = (typeof SEND_FIELDS)[number];

/** As a page posts them. */
export type SendFields = Partial<Record<SendField, string>>;

/** What is wrong with a field, in words that stand under it. */
export type SendFaults = Partial<Record<SendField, string>>;

/** Bytes of a file of events on the screen. */
export const MAX_FILE_BYTES = 5 * 1024 * 1024;

/** Rows of a file that Pinterest checks in test mode. */
export const MOST_TESTED_ROWS = 20;
