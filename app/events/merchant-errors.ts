import type { MerchantError } from "./errors/merchant-error.ts";
import { SENDING_ERRORS } from "./errors/sending-errors.ts";
import { STORE_ERRORS } from "./errors/store-errors.ts";
import { TASK_ERRORS } from "./errors/task-errors.ts";

/**
 * What goes wrong, in a merchant's words: one text for each, whether it stands in a banner, beside a
 * field, in a terminal or in an answer of the API. {names} are filled by `describeMerchantError`.
 */
export const MERCHANT_ERRORS = { ...SENDING_ERRORS, ...STORE_ERRORS, ...TASK_ERRORS } as const;

export type MerchantErrorName = keyof typeof MERCHANT_ERRORS;

type Texts<Name extends MerchantErrorName> = (typeof MERCHANT_ERRORS)[Name][
  | "title"
  | "cause"
  | "nextStep"];

type Blank<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Blank<Rest>
  : never;

/** What the texts of an entry leave open; the compiler misses what is not given. */
export type MerchantErrorValues<Name extends MerchantErrorName> = Record<
  Blank<Texts<Name>>,
  string | number
>;

/** An entry with its blanks filled. */
export function describeMerchantError<Name extends MerchantErrorName>(
  name: Name,
  values: MerchantErrorValues<Name>,
): MerchantError {
  const { id, title, cause, nextStep } = MERCHANT_ERRORS[name];
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, blank: keyof typeof values) => String(values[blank]));
  return { id, title: fill(title), cause: fill(cause), nextStep: fill(nextStep) };
}
