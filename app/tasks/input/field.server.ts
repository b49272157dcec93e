import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";

/**
 * The kinds of field that an input is made of. Each says its whole rule, whatever is wrong, and
 * never what it was given: that may be personal.
 */

export function matching(pattern: RegExp, rule: string, maxLength: number) {
  return boundedText(maxLength, rule).regex(pattern, rule);
}

export function text(maxLength: number, rule: string) {
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
