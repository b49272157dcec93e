import { formatMessage } from "#app/events/format-message.ts";

/** Fills a message of the catalogue, in ICU syntax. */
export const say = formatMessage;
