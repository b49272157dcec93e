import {
  CircuitState,
  circuitBreaker,
  DelegateBackoff,
  handleWhenResult,
  type IHalfOpenAfterBackoffContext,
  SamplingBreaker,
} from "cockatiel";
import type { SendAnswer } from "#app/pinterest/send-events.server.ts";

const WINDOW_MS = 60_000;
const LEAST_REQUESTS = 20;
const UNWELL_SHARE = 0.5;
const FIRST_PAUSE_MS = 5_000;
/** One request in two minutes does no harm, and waiting events continue soon after Pinterest is well. */
const LONGEST_PAUSE_MS = 2 * 60_000;

export type BreakerState = "closed" | "probe" | "open";

/** The breaker for Pinterest as a whole, one per process. */
export interface PinterestBreaker {
  /** `probe`: one request may be sent, to see whether Pinterest is back. */
  state(): BreakerState;
  /** Null: no request was sent. Answers to requests from before it opened change nothing. */
  ask(send: () => Promise<SendAnswer>): Promise<SendAnswer | null>;
}

/**
 * Opens when more than half of 20 or more requests of the last minute failed because Pinterest is
 * unwell; lets one request through after 5 s, then 10 s, … up to two minutes; an answer to it
 * closes it. Without it an outage would use up attempts of every event of every shop, and a wave of
 * 401, 403 and 404 that concern no single account would pause them all.
 */
export function createPinterestBreaker(): PinterestBreaker {
  let probeAtMs = 0;
  const breaker = circuitBreaker(
    handleWhenResult((answer) => isUnwell(answer as SendAnswer)),
    {
      breaker: new SamplingBreaker({
        threshold: UNWELL_SHARE,
        duration: WINDOW_MS,
        // Slightly below the exact value: the product of the two must not exceed the number by
        // rounding.
        minimumRps: (LEAST_REQUESTS - 0.5) / (WINDOW_MS / 1_000),
      }),
      halfOpenAfter: new DelegateBackoff<IHalfOpenAfterBackoffContext>(({ attempt }) => {
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
        probeAtMs = Date.now() + pauseMs;
        return pauseMs;
      }),
    },
  );

  function state(): BreakerState {
    switch (breaker.state) {
      case CircuitState.Closed:
        return "closed";
      case CircuitState.Open:
        return Date.now() < probeAtMs ? "open" : "probe";
      default:
        // A second request must wait for the answer to the first.
        return "open";
    }
  }

  return {
    state,
    ask: async (send) => (state() === "open" ? null : breaker.execute(send)),
  };
}

/**
 * No answer, 5xx, or a page that is not Pinterest's; also 401, 403, 404: when most accounts get
 * them at once, they concern no single account.
 */
function isUnwell(answer: SendAnswer): boolean {
  if (answer.kind === "answered") return false;
  if (answer.kind === "lost") return true;
  const { httpStatus, isJson } = answer;
  return !isJson || httpStatus >= 500 || [401, 403, 404].includes(httpStatus);
}
