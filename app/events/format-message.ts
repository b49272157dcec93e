import { IntlMessageFormat } from "intl-messageformat";

/** Compiled messages by locale and text: one is filled for each of 10,000 rows. */
const compiled = new Map<string, IntlMessageFormat>();
/** A catalogue holds a few hundred texts; more can only be texts that somebody else made. */
const MOST_COMPILED = 2_000;

/**
 * Fills a message in ICU syntax: `{n, plural, one {# event} other {# events}}`. For the server: a
 * browser's ICU writes numbers otherwise, and React would warn of the difference.
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
