/** The outcome of one event. `pending` means: retry `retryInMs` from now. */
export interface Settlement {
  ref: bigint;
  state: "accepted" | "rejected" | "expired" | "skipped" | "pending";
  /** Pinterest's message where it rejected the event, our reason where it expired or was skipped. */
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
  /** Row ids of all its events. */
  refs: readonly bigint[];
  /** Answers other than a plain "processed", by row id. */
  answers: Record<string, { status: string; message: string | null }> | null;
}

/** Whether the account is released, and what its next lease must wait for. */
export interface Release {
  /** A full batch was read, so more events may be due already. */
  mayHaveMore: boolean;
  unusedAllowance: number;
  /** The earliest next request, in milliseconds from now; null when no pause is needed. */
  pauseMs: number | null;
  /** Requests in a row that failed as a whole; null leaves the stored number. */
  failures: number | null;
  /** The most events in the next request; absent leaves the stored number. */
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
  /** The sender of the next events under a lease that is kept. */
  next?: NextSender | undefined;
}

/** A shop as it was when its events were read. */
export interface NextSender {
  shopId: bigint;
  connectedTo: string;
}

/** `mayGoOn`: the next sender still sends to the same ad account. True if none was given. */
export type Settled = { kind: "settled"; mayGoOn: boolean } | { kind: "stale" };
