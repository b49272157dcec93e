/** Events in one request: `ConversionEvents.data.maxItems`, specification 5.23. */
export const MAX_EVENTS_PER_REQUEST = 1_000;

/** Ours: of their JSON, in one request; more would not get through within the attempt's time. */
export const MAX_EVENTS_BYTES_PER_REQUEST = 2 * 1024 * 1024;

/** Digits in the id of an ad account or a tag: `path_ad_account_id`, specification 5.23. */
export const MAX_ID_DIGITS = 18;

/** Ad accounts in one page, `page_size` of `ad_accounts/list`, specification 5.23. */
export const AD_ACCOUNTS_PER_PAGE = 250;

/** Ours: 5,000 ad accounts, so that a bookmark that never ends does not either. */
export const MAX_AD_ACCOUNT_PAGES = 20;

/** Ours: one attempt, from asking for a connection to the last byte of the answer. */
export const ATTEMPT_TIMEOUT_MS = 10_000;

/** Ours: 1,000 outcomes with two texts of 4 kB each. */
export const MAX_EVENTS_ANSWER_BYTES = 8 * 1024 * 1024;

/** Ours: every other answer. */
export const MAX_ANSWER_BYTES = 2 * 1024 * 1024;

/** Ours: requests of one token under way beside its deliveries, or a shop whose Pinterest hangs would take every place. */
export const MAX_UNDER_WAY = 6;

/** Ours: above what delivery has in flight, or attempts would spend their time in a queue. */
export const MAX_CONNECTIONS = 128;

/** Ours: a `Retry-After` beyond this is a mistake, and would let events grow too old unsent. */
export const MAX_RETRY_AFTER_SECONDS = 24 * 60 * 60;

/** Ours: characters of a message that are kept. */
export const MAX_MESSAGE_LENGTH = 500;
