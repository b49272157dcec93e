/**
 * What Pinterest may be asked for a shop, apart from sending its events. `pasted`: its token may
 * only send. `paused`: nothing is asked until it is resumed.
 */
export type PinterestAccess = "none" | "pasted" | "paused" | "signed_in";

/** Why a request to Pinterest gave no result; `slow`: the answer has not come yet. */
export type AskFailure =
  | "unauthorized"
  | "forbidden"
  | "rate_limited"
  | "not_found"
  | "invalid"
  | "unavailable"
  | "unreadable"
  | "slow";
