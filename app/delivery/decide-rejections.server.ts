import type { Settlement } from "#app/outbox/drain/settlement.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { recordTrouble } from "#app/shops/connection/record-trouble.server.ts";
import type { AccountSession, Batch } from "./account-session.server.ts";
import type { EventOutcome } from "./classify-answer.server.ts";
import { settleOutcomes, settleUnknown } from "./plan-settlements.server.ts";
import { rejectionPauseMs } from "./retry-policy.server.ts";

interface RejectionServices {
  db: Pick<Database, "transaction">;
  log: Logger;
  random: () => number;
}

/**
 * If more than half of so many events of an account in an hour are rejected, a single event is not
 * the cause.
 */
const LEAST_DECIDED = 50;
/**
 * The number of events in the next request of an account that is stopped: enough to compare two
 * rejections.
 */
const PROBE_EVENTS = 2;

/**
 * Settles Pinterest's answer to a batch, event by event. A rejection that may concern every event
 * (it ends a bisection, or the account was stopped for rejections) waits until an event is accepted
 * in the same session; `decideSuspects` decides at its end.
 */
export function settleDecided(
  services: RejectionServices,
  session: AccountSession,
  batch: Batch,
  outcomes: readonly EventOutcome[],
): { settlements: Settlement[]; rejectedWith: string | null } {
  const accepted = outcomes.filter(({ kind }) => kind === "accepted").length;
  session.accepted += accepted;
  if (session.accepted === 0 && maySuspect(batch))
    return collectSuspects(services, session, batch, outcomes);
  const settlements = settleOutcomes(batch.events, outcomes, services.random);
  const rejected = settlements.filter(({ state }) => state === "rejected");
  const decided =
    session.lease.accepted + session.lease.rejected + session.accepted + session.rejected;
  const refused = session.lease.rejected + session.rejected + rejected.length;
  const all = decided + rejected.length;
  if (rejected.length > 0 && all >= LEAST_DECIDED && refused * 2 > all) {
    const refs = new Set(rejected.map(({ ref }) => ref));
    const again = batch.events.filter(({ ref }) => refs.has(ref));
    const kept = settlements.filter(({ ref }) => !refs.has(ref));
    return {
      settlements: [...kept, ...settleUnknown(again, null, services.random)],
      rejectedWith: rejected[0]?.reason ?? "",
    };
  }
  session.rejected += rejected.length;
  const cleared = session.accepted > 0 ? rejectSuspects(session) : [];
  return { settlements: [...settlements, ...cleared], rejectedWith: null };
}

function maySuspect({ isPart, connection }: Batch): boolean {
  return isPart || connection.trouble === "all_refused";
}

function collectSuspects(
  { random }: RejectionServices,
  session: AccountSession,
  batch: Batch,
  outcomes: readonly EventOutcome[],
): { settlements: Settlement[]; rejectedWith: null } {
  const others: [Batch["events"][number], EventOutcome][] = [];
  for (const [index, event] of batch.events.entries()) {
    const outcome = outcomes[index] as EventOutcome;
    if (outcome.kind === "rejected")
      session.suspects.push({ batch, event, message: outcome.message });
    else others.push([event, outcome]);
  }
  const events = others.map(([event]) => event);
  const settlements = settleOutcomes(
    events,
    others.map(([, outcome]) => outcome),
    random,
  );
  return { settlements, rejectedWith: null };
}

function rejectSuspects(session: AccountSession): Settlement[] {
  const settlements = session.suspects.map(
    ({ event: { ref }, message: reason }): Settlement => ({
      ref,
      state: "rejected",
      reason,
      warning: null,
      retryInMs: null,
    }),
  );
  session.rejected += settlements.length;
  session.suspects = [];
  return settlements;
}

/** Tries a few events of an account that was stopped, not its whole backlog. */
export function isProbeOver({ suspects }: AccountSession): boolean {
  const [first] = suspects;
  return first?.batch.connection.trouble === "all_refused" && suspects.length >= PROBE_EVENTS;
}

/**
 * Decides at a session's end: if all suspected events were rejected with one message and none was
 * accepted, the events go back, and the account stops; otherwise each rejection stands for its
 * event. `isComplete`: the session was not interrupted, so that there is enough to decide by.
 */
export async function decideSuspects(
  services: RejectionServices,
  session: AccountSession,
  isComplete: boolean,
): Promise<Settlement[]> {
  const [first, ...others] = session.suspects;
  if (first === undefined) return [];
  const isStopped = first.batch.connection.trouble === "all_refused";
  const isOne = others.every(({ message }) => message === first.message);
  const isSystematic = isStopped || (isOne && others.length > 0);
  if (isComplete && !isSystematic) return rejectSuspects(session);
  const events = session.suspects.map(({ event }) => event);
  session.suspects = [];
  if (isSystematic) await stopAccount(services, session, first.batch.shopId, first.message);
  return settleUnknown(events, null, services.random);
}

/** Pauses the account; its events wait, and the merchant is told. */
export async function stopAccount(
  services: RejectionServices,
  session: AccountSession,
  shopId: bigint,
  message: string,
): Promise<void> {
  const facts = { adAccountId: session.lease.adAccountId, shopId: String(shopId), message };
  services.log.warn(facts, "Pinterest refuses all events: the account stops, its events wait");
  // The answer's other outcomes are not settled yet: no fault here may prevent that.
  const { times } = await recordTrouble(services, shopId, {
    trouble: "all_refused",
    detail: message,
  }).catch((error: unknown) => {
    services.log.error({ err: error, ...facts }, "a stop could not be recorded");
    return { times: 1 };
  });
  session.pauseMs = Math.max(session.pauseMs ?? 0, rejectionPauseMs(times));
  session.batchLimit = PROBE_EVENTS;
}
