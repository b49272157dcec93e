import { IntlMessageFormat } from "intl-messageformat";

/** Compiled messages by locale and text, because one message is filled for each of 10,000 rows. */
const compiled = new Map<string, IntlMessageFormat>();
/** A catalogue holds a few hundred texts; more can only come from outside it. */
const MOST_COMPILED = 2_000;

/**
 * Fills a message in ICU syntax: `{n, plural, one {# event} other {# events}}`. It runs on the
 * server only: a browser's ICU formats numbers differently, and React would warn of the difference.
 */
export function formatMessage(
  text: string,
  values: Readonly<Record<string, string | number>> = {},
  locale = "en",
): string {
  const key = `${locale} ${text}`;
  let message = compiled.get(key);
  if (message === undefined) {
    message = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true });
    if (compiled.size < MOST_COMPILED) compiled.set(key, message);
  }
  return String(message.format(values));
}
