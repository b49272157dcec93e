/**
 * What may be asked of Pinterest for a shop besides sending its events. `pasted`: its token may only
 * send. `paused`: nothing is asked until it is resumed.
 */
export type PinterestAccess = "none" | "pasted" | "paused" | "signed_in";

/** Why a question to Pinterest came to nothing; `slow`: it is still waiting for the answer. */
export type AskFailure =
  | "unauthorized"
  | "forbidden"
  | "rate_limited"
  | "not_found"
  | "invalid"
  | "unavailable"
  | "unreadable"
  | "slow";
