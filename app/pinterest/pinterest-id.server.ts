import { MAX_ID_DIGITS } from "./limits.server.ts";

const DIGITS = new RegExp(`^\\d{1,${MAX_ID_DIGITS}}$`);

/**
 * Whether it is an id of an ad account or a tag. Check it before it enters a path: `1/../2` or
 * `1?x=` would reach another person's account with this shop's token.
 */
export function isPinterestId(id: string): boolean {
  return DIGITS.test(id);
}
