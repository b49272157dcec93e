import type { Settlement } from "#app/outbox/drain/settlement.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { noteTrouble } from "#app/shops/connection/note-trouble.server.ts";
import type { EventOutcome } from "./classify-answer.server.ts";
import { settleOutcomes, settleUnknown } from "./plan-settlements.server.ts";
import { refusalPauseMs } from "./retry-policy.server.ts";
import type { Batch, Turn } from "./turn.server.ts";

interface RefusalServices {
  db: Pick<Database, "transaction">;
  log: Logger;
  random: () => number;
}

/**
 * If more than half of so many events of an account in an hour are rejected, a single event is not
 * the cause.
 */
const LEAST_JUDGED = 50;
/**
 * The number of events in the next request of an account that is stopped: enough to compare two
 * rejections.
 */
const PROBE_EVENTS = 2;

/**
 * Settles Pinterest's answer to a batch, event by event. A rejection that may concern every event
 * (it ends a bisection, or the account was stopped for rejections) waits until an event is accepted
 * in the same session; `judgeSuspects` decides at its end.
 */
export function settleJudged(
  services: RefusalServices,
  turn: Turn,
  batch: Batch,
  outcomes: readonly EventOutcome[],
): { settlements: Settlement[]; refusedWith: string | null } {
  const accepted = outcomes.filter(({ kind }) => kind === "accepted").length;
  turn.accepted += accepted;
  if (turn.accepted === 0 && maySuspect(batch)) return suspect(services, turn, batch, outcomes);
  const settlements = settleOutcomes(batch.events, outcomes, services.random);
  const rejected = settlements.filter(({ state }) => state === "rejected");
  const judged = turn.lease.accepted + turn.lease.rejected + turn.accepted + turn.rejected;
  const refused = turn.lease.rejected + turn.rejected + rejected.length;
  const all = judged + rejected.length;
  if (rejected.length > 0 && all >= LEAST_JUDGED && refused * 2 > all) {
    const refs = new Set(rejected.map(({ ref }) => ref));
    const again = batch.events.filter(({ ref }) => refs.has(ref));
    const kept = settlements.filter(({ ref }) => !refs.has(ref));
    return {
      settlements: [...kept, ...settleUnknown(again, null, services.random)],
      refusedWith: rejected[0]?.reason ?? "",
    };
  }
  turn.rejected += rejected.length;
  const cleared = turn.accepted > 0 ? rejectSuspects(turn) : [];
  return { settlements: [...settlements, ...cleared], refusedWith: null };
}

function maySuspect({ isPart, connection }: Batch): boolean {
  return isPart || connection.trouble === "all_refused";
}

function suspect(
  { random }: RefusalServices,
  turn: Turn,
  batch: Batch,
  outcomes: readonly EventOutcome[],
): { settlements: Settlement[]; refusedWith: null } {
  const others: [Batch["events"][number], EventOutcome][] = [];
  for (const [index, event] of batch.events.entries()) {
    const outcome = outcomes[index] as EventOutcome;
    if (outcome.kind === "rejected") turn.suspects.push({ batch, event, message: outcome.message });
    else others.push([event, outcome]);
  }
  const events = others.map(([event]) => event);
  const settlements = settleOutcomes(
    events,
    others.map(([, outcome]) => outcome),
    random,
  );
  return { settlements, refusedWith: null };
}

function rejectSuspects(turn: Turn): Settlement[] {
  const settlements = turn.suspects.map(
    ({ event: { ref }, message: reason }): Settlement => ({
      ref,
      state: "rejected",
      reason,
      warning: null,
      retryInMs: null,
    }),
  );
  turn.rejected += settlements.length;
  turn.suspects = [];
  return settlements;
}

/** Tries a few events of an account that was stopped, not its whole backlog. */
export function isProbeOver({ suspects }: Turn): boolean {
  const [first] = suspects;
  return first?.batch.connection.trouble === "all_refused" && suspects.length >= PROBE_EVENTS;
}

/**
 * Decides at a session's end: if all suspected events were rejected with one message and none was
 * accepted, the events go back, and the account stops; otherwise each rejection stands for its
 * event. `isComplete`: the session was not interrupted, so that there is enough to decide by.
 */
export async function judgeSuspects(
  services: RefusalServices,
  turn: Turn,
  isComplete: boolean,
): Promise<Settlement[]> {
  const [first, ...others] = turn.suspects;
  if (first === undefined) return [];
  const isStopped = first.batch.connection.trouble === "all_refused";
  const isOne = others.every(({ message }) => message === first.message);
  const isSystematic = isStopped || (isOne && others.length > 0);
  if (isComplete && !isSystematic) return rejectSuspects(turn);
  const events = turn.suspects.map(({ event }) => event);
  turn.suspects = [];
  if (isSystematic) await stopAccount(services, turn, first.batch.shopId, first.message);
  return settleUnknown(events, null, services.random);
}

/** Pauses the account; its events wait, and the merchant is told. */
export async function stopAccount(
  services: RefusalServices,
  turn: Turn,
  shopId: bigint,
  message: string,
): Promise<void> {
  const facts = { adAccountId: turn.lease.adAccountId, shopId: String(shopId), message };
  services.log.warn(facts, "Pinterest refuses all events: the account stops, its events wait");
  // The answer's other outcomes are not settled yet: no fault here may prevent that.
  const { times } = await noteTrouble(services, shopId, {
    trouble: "all_refused",
    detail: message,
  }).catch((error: unknown) => {
    services.log.error({ err: error, ...facts }, "a stop could not be noted");
    return { times: 1 };
  });
  turn.pauseMs = Math.max(turn.pauseMs ?? 0, refusalPauseMs(times));
  turn.batchLimit = PROBE_EVENTS;
}
