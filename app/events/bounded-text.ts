import { z } from "zod";

/**
 * Text of at most `maxLength` UTF-16 units, as the root of every schema that looks at text with a
 * pattern or a rule of its own. A longer one is refused and looked at no further: zod goes on with
 * the later checks after a failed one, so that a pattern behind a plain `max` sees text of any length.
 */
export function boundedText(maxLength: number, fault?: string) {
  return fault === undefined
    ? z.string().max(maxLength, { abort: true })
    : z.string(fault).max(maxLength, { error: fault, abort: true });
}
