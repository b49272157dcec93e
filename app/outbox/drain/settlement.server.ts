/** What becomes of one event. `pending` means again, `retryInMs` from now. */
export interface Settlement {
  ref: bigint;
  state: "accepted" | "rejected" | "expired" | "pending";
  /** Pinterest's words where it refused the event, ours where it expired. */
  reason: string | null;
  warning: string | null;
  retryInMs: number | null;
}

/** One request to Pinterest and its answer. */
export interface Attempt {
  shopId: bigint;
  startedAt: Date;
  durationMs: number;
  outcome: string;
  httpStatus: number | null;
  pinterestCode: number | null;
  message: string | null;
  /** Row ids of all events that were in it. */
  refs: readonly bigint[];
  /** Answers that are not a plain "processed", by row id. */
  answers: Record<string, { status: string; message: string | null }> | null;
}

/** Whether the account is given back, and what its next lease must wait for. */
export interface Release {
  /** A full batch was read, so that more may be due already. */
  mayHaveMore: boolean;
  unusedAllowance: number;
  /** No request before, in milliseconds from now; null: none of that kind. */
  pauseMs: number | null;
  /** Requests in a row that failed as a whole; null: as it was. */
  failures: number | null;
  /** Most events in the next request; absent: as it was. */
  batchLimit?: number;
  /** Events that Pinterest accepted and rejected under the lease. */
  accepted?: number;
  rejected?: number;
}

export interface SettledBatch {
  attempt: Attempt | null;
  settlements: readonly Settlement[];
  /** Null keeps the lease, and renews it. */
  release: Release | null;
  /** Whose events are sent next under a lease that is kept. */
  next?: NextSender | undefined;
}

/** A shop as it was when its events were read. */
export interface NextSender {
  shopId: bigint;
  connectedTo: string;
}

/** `mayGoOn`: the next sender still sends to the same ad account. True where none was named. */
export type Settled = { kind: "settled"; mayGoOn: boolean } | { kind: "stale" };
