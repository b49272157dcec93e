import { IntlMessageFormat } from "intl-messageformat";

/**
 * Fills an ICU message of the catalogue: `{n, plural, one {# event} other {# events}}`. For the
 * server: a browser's ICU writes numbers otherwise, and React would warn of the difference.
 */
export function say(text: string, values: Record<string, string | number>, locale = "en"): string {
  return String(new IntlMessageFormat(text, locale, undefined, { ignoreTag: true }).format(values));
}
