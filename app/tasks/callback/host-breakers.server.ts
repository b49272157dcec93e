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

/** Breakers of this process for the hosts that results are posted to. */
export interface HostBreakers {
  /** Attempts unless the host has just failed several times; then it says so without a call. */
  attempt(url: string, call: () => Promise<CallbackOutcome>): Promise<CallbackOutcome>;
}

/**
 * A host that is down would occupy a slot for ten seconds for each waiting result, nine times; and
 * a caller who names another person's host could make Pinrelay call it as often.
 */
export function createHostBreakers(): HostBreakers {
  const breakers = new Map<string, CircuitBreakerPolicy>();
  return {
    async attempt(url, call) {
      const { host } = new URL(url);
      const breaker = breakers.get(host) ?? createBreaker();
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

function createBreaker(): CircuitBreakerPolicy {
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
