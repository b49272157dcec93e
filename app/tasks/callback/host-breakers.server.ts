import {
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhenResult,
  isBrokenCircuitError,
} from "cockatiel";
import type { CallbackOutcome } from "./attempt-callback.server.ts";

/** Attempts in a row that a host may leave unanswered, or refuse. */
const FAILURES = 3;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** Hosts that are remembered; past that the one that was called longest ago is forgotten. */
const MOST_HOSTS = 1_000;

const SPARED: CallbackOutcome = {
  ok: false,
  why: "The receiver has failed several times in a row: it is left alone for a while.",
  isFinal: false,
};

/** What this process knows of the hosts that results are posted to. */
export interface HostBreakers {
  /** Attempts unless the host has just failed several times; then it says so without a call. */
  attempt(url: string, call: () => Promise<CallbackOutcome>): Promise<CallbackOutcome>;
}

/**
 * A host that is down costs each result that waits for it a slot for ten seconds, nine times over;
 * and whoever names a host that is not his would have us call it as often.
 */
export function createHostBreakers(): HostBreakers {
  const breakers = new Map<string, CircuitBreakerPolicy>();
  return {
    async attempt(url, call) {
      const { host } = new URL(url);
      const breaker = breakers.get(host) ?? openBreaker();
      breakers.delete(host);
      breakers.set(host, breaker);
      for (const [oldest] of breakers) {
        if (breakers.size <= MOST_HOSTS) break;
        breakers.delete(oldest);
      }
      try {
        return await breaker.execute(call);
      } catch (error) {
        if (isBrokenCircuitError(error)) return SPARED;
        throw error;
      }
    },
  };
}

function openBreaker(): CircuitBreakerPolicy {
  const policy = handleWhenResult((result) => {
    const outcome = result as CallbackOutcome;
    return !outcome.ok && !outcome.isFinal;
  });
  return circuitBreaker(policy, {
    breaker: new ConsecutiveBreaker(FAILURES),
    halfOpenAfter: new ExponentialBackoff({
      initialDelay: FIRST_PAUSE_MS,
      maxDelay: LONGEST_PAUSE_MS,
    }),
  });
}
