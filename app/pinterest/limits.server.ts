/** Events in one request: `ConversionEvents.data.maxItems`, specification 5.23. */
export const MAX_EVENTS_PER_REQUEST = 1_000;

/** Our limit: bytes of events' JSON in one request; more would not arrive within the attempt's time. */
export const MAX_EVENTS_BYTES_PER_REQUEST = 2 * 1024 * 1024;

/** Digits in the id of an ad account or a tag: `path_ad_account_id`, specification 5.23. */
export const MAX_ID_DIGITS = 18;

/** Ad accounts in one page, `page_size` of `ad_accounts/list`, specification 5.23. */
export const AD_ACCOUNTS_PER_PAGE = 250;

/** Our limit: 5,000 ad accounts, so that a bookmark that never ends does not loop for ever. */
export const MAX_AD_ACCOUNT_PAGES = 20;

/** Our limit: one attempt, from waiting for a connection to the last byte of the answer. */
export const ATTEMPT_TIMEOUT_MS = 10_000;

/** Our limit: 1,000 outcomes with two texts of 4 kB each. */
export const MAX_EVENTS_ANSWER_BYTES = 8 * 1024 * 1024;

/** Our limit for every other answer. */
export const MAX_ANSWER_BYTES = 2 * 1024 * 1024;

/**
 * Our limit: requests of one token in flight, apart from its deliveries; otherwise a shop whose
 * Pinterest hangs would take every place.
 */
export const MAX_UNDER_WAY = 6;

/** Our limit: above what delivery has in flight, or attempts would spend their time in a queue. */
export const MAX_CONNECTIONS = 128;

/** Our limit: a longer `Retry-After` is a mistake, and would let events grow too old unsent. */
export const MAX_RETRY_AFTER_SECONDS = 24 * 60 * 60;

/** Our limit: characters of a message that are kept. */
export const MAX_MESSAGE_LENGTH = 500;

const DIGITS = new RegExp(`^\\d{1,${MAX_ID_DIGITS}}$`);

/**
 * Whether it is an id of an ad account or a tag. Check it before it enters a path: `1/../2` or
 * `1?x=` would reach another person's account with this shop's token.
 */
export function isPinterestId(id: string): boolean {
  return DIGITS.test(id);
}
