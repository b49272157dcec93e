import type { Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import type { DueEvent } from "#app/outbox/drain/read-due-events.server.ts";
import type { Attempt, Release, Settlement } from "#app/outbox/drain/settlement.server.ts";
import { BATCH_SIZE } from "#app/outbox/wake-accounts.server.ts";
import type { SendingConnection } from "#app/shops/connection/sending-connections.server.ts";

/** Events of one shop that go, or went, in one request. */
export interface Batch {
  shopId: bigint;
  connection: SendingConnection;
  /** The connection's token for sending, or another that is tried after it. */
  token: string;
  /** The token was made in place of a refused one in this turn. */
  isFresh: boolean;
  /** It is part of a batch that was refused as a whole. */
  isPart: boolean;
  events: readonly DueEvent[];
}

/** An event that Pinterest refused while it accepted none: the event's fault, or everybody's. */
export interface Suspect {
  batch: Batch;
  event: DueEvent;
  message: string;
}

/** One turn of a leased ad account: what is still to send, and what the lease's end must say. */
export interface Turn {
  lease: Lease;
  batches: Batch[];
  /** The shop whose events are in hand. */
  shopId: bigint | null;
  allowance: number;
  /** Most events in a request: fewer after lost answers. */
  batchLimit: number;
  /** Null until Pinterest has said something of a batch: what was before still holds. */
  failures: number | null;
  pauseMs: number | null;
  accepted: number;
  rejected: number;
  suspects: Suspect[];
}

/** What a batch's answer leads to. */
export interface Step {
  attempt: Attempt | null;
  settlements: Settlement[];
  /** Batches to send in its place, first. */
  again: Batch[];
  isOver: boolean;
  /** Once it is settled. A fault in it is logged, and no more. */
  afterwards?: (() => Promise<void>) | undefined;
}

export const NOTHING: Step = { attempt: null, settlements: [], again: [], isOver: false };

export function beginTurn(lease: Lease): Turn {
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

export function endTurn(turn: Turn, mayHaveMore: boolean): Release {
  const { allowance: unusedAllowance, pauseMs, failures, batchLimit, accepted, rejected } = turn;
  return { mayHaveMore, unusedAllowance, pauseMs, failures, batchLimit, accepted, rejected };
}

/** The next batch, no larger than the account can do with now. */
export function takeBatch(turn: Turn): Batch {
  const batch = turn.batches.shift() as Batch;
  const { events } = batch;
  if (events.length <= turn.batchLimit) return batch;
  turn.batches.unshift({ ...batch, events: events.slice(turn.batchLimit) });
  return { ...batch, events: events.slice(0, turn.batchLimit) };
}

/** After a lost answer or a 413: what was asked may have been too much. */
export function halveLimit(turn: Turn, sent: number): void {
  if (sent > 1) turn.batchLimit = Math.min(turn.batchLimit, Math.floor(sent / 2));
}

export function raiseLimit(turn: Turn, sent: number): void {
  if (sent >= turn.batchLimit) turn.batchLimit = Math.min(turn.batchLimit * 2, BATCH_SIZE);
}
