import { z } from "zod";

/**
 * Text of at most `maxLength` UTF-16 units, as the root of every schema that checks text with a
 * pattern or a rule of its own. Longer text is rejected and not checked further: zod runs the later
 * checks after a failed one, so a pattern behind a plain `max` would see text of any length.
 */
export function boundedText(maxLength: number, fault?: string) {
  return fault === undefined
    ? z.string().max(maxLength, { abort: true })
    : z.string(fault).max(maxLength, { error: fault, abort: true });
}
