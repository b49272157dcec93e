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
/** One request in two minutes does no harm, and waiting events go on soon after Pinterest is well. */
const LONGEST_PAUSE_MS = 2 * 60_000;

export type BreakerState = "closed" | "probe" | "open";

/** The breaker for Pinterest as a whole, one per process. */
export interface PinterestBreaker {
  /** `probe`: one request may go, to see whether Pinterest is back. */
  state(): BreakerState;
  /** Null: nothing was asked. Answers to requests from before it opened change nothing. */
  ask(send: () => Promise<SendAnswer>): Promise<SendAnswer | null>;
}

/**
 * Opens when more than half of 20 or more requests of the last minute found Pinterest unwell; lets one
 * request through after 5 s, then 10 s, … up to two minutes; an answer to it closes it. Without it an
 * outage would use up attempts of every event of every shop, and a wave of refusals that are meant
 * for nobody would pause them all.
 */
export function createPinterestBreaker(): PinterestBreaker {
  let probeAtMs = 0;
  const breaker = circuitBreaker(
    handleWhenResult((answer) => isUnwell(answer as SendAnswer)),
    {
      breaker: new SamplingBreaker({
        threshold: UNWELL_SHARE,
        duration: WINDOW_MS,
        // A hair below: the product of the two must not exceed the number by a rounding.
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
        // A second request would wait for the answer to the one that is under way.
        return "open";
    }
  }

  return {
    state,
    ask: async (send) => (state() === "open" ? null : breaker.execute(send)),
  };
}

/**
 * No answer, 5xx, a page that is not Pinterest's; and 401, 403, 404: where most accounts hear them
 * at once, none of them is meant.
 */
function isUnwell(answer: SendAnswer): boolean {
  if (answer.kind === "answered") return false;
  if (answer.kind === "lost") return true;
  const { httpStatus, isJson } = answer;
  return !isJson || httpStatus >= 500 || [401, 403, 404].includes(httpStatus);
}
