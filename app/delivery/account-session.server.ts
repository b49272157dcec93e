import type { Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import type { DueEvent } from "#app/outbox/drain/read-due-events.server.ts";
import type { Attempt, Release, Settlement } from "#app/outbox/drain/settlement.server.ts";
import { BATCH_SIZE } from "#app/outbox/schedule-accounts.server.ts";
import type { SendingConnection } from "#app/shops/connection/read-connection.server.ts";

/** Events of one shop that share, or shared, one request. */
export interface Batch {
  shopId: bigint;
  connection: SendingConnection;
  /** The connection's token for sending, or another that is tried after it. */
  token: string;
  /** The account session made the token to replace a refused one. */
  isFresh: boolean;
  /** It is part of a batch that was rejected as a whole. */
  isPart: boolean;
  events: readonly DueEvent[];
}

/** An event that Pinterest rejected while it accepted none: the event's fault, or the account's. */
export interface Suspect {
  batch: Batch;
  event: DueEvent;
  message: string;
}

/**
 * One session of a leased ad account: the batches still to send, and the state to store when the
 * lease ends.
 */
export interface AccountSession {
  lease: Lease;
  batches: Batch[];
  /** The shop whose events are in hand. */
  shopId: bigint | null;
  allowance: number;
  /** The most events in a request: fewer after lost answers. */
  batchLimit: number;
  /** Null until Pinterest has answered a batch: the earlier count still holds. */
  failures: number | null;
  pauseMs: number | null;
  accepted: number;
  rejected: number;
  suspects: Suspect[];
}

/** The result of a batch. */
export interface BatchResult {
  attempt: Attempt | null;
  settlements: Settlement[];
  /** Batches to send in its place, before all others. */
  again: Batch[];
  isOver: boolean;
  /** Runs after the result is settled. A fault in it is only logged. */
  afterwards?: (() => Promise<void>) | undefined;
}

export const NO_RESULT: BatchResult = { attempt: null, settlements: [], again: [], isOver: false };

export function beginSession(lease: Lease): AccountSession {
  return {
    lease,
    batches: [],
    shopId: null,
    allowance: lease.allowance,
    batchLimit: lease.batchLimit,
    failures: null,
    pauseMs: null,
    accepted: 0,
    rejected: 0,
    suspects: [],
  };
}

export function endSession(session: AccountSession, mayHaveMore: boolean): Release {
  const { allowance: unusedAllowance, pauseMs, failures, batchLimit, accepted, rejected } = session;
  return { mayHaveMore, unusedAllowance, pauseMs, failures, batchLimit, accepted, rejected };
}

/** Takes the next batch, no larger than the account can handle now. */
export function nextBatch(session: AccountSession): Batch {
  const batch = session.batches.shift() as Batch;
  const { events } = batch;
  if (events.length <= session.batchLimit) return batch;
  session.batches.unshift({ ...batch, events: events.slice(session.batchLimit) });
  return { ...batch, events: events.slice(0, session.batchLimit) };
}

/** Sends fewer events after a lost answer or a 413: the request may have been too large. */
export function lowerLimit(session: AccountSession, sent: number): void {
  if (sent > 1) session.batchLimit = Math.min(session.batchLimit, Math.floor(sent / 2));
}

export function raiseLimit(session: AccountSession, sent: number): void {
  if (sent >= session.batchLimit) session.batchLimit = Math.min(session.batchLimit * 2, BATCH_SIZE);
}
