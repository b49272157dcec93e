/** The modes of sending by hand. `demo` does not leave the app, `test` is not recorded. */
export const SEND_MODES = ["demo", "test", "live"] as const;

export type SendMode = (typeof SEND_MODES)[number];

/** The fields of one event on the screen, by the keys of a task's input. */
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

/** The fields as a page posts them. */
export type SendFields = Partial<Record<SendField, string>>;

/** What is wrong with a field, in words that stand under it. */
export type SendFaults = Partial<Record<SendField, string>>;

/** Bytes of a file of events on the screen. */
export const MAX_FILE_BYTES = 5 * 1024 * 1024;

/** Rows of a file that Pinterest checks in test mode. */
export const MOST_TESTED_ROWS = 20;
