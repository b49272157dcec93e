const WINDOW_SECONDS = 60;
const LEAST_REQUESTS = 20;
const FAILED_SHARE = 0.5;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 10 * 60_000;

/** The breaker for Pinterest as a whole, one per process. */
export interface Breaker {
  /** `probe`: one request may go, to see whether Pinterest is back. */
  state(): "closed" | "probe" | "open";
  /** Says that the probe is on its way. */
  takeProbe(): void;
  /** `false`: no answer, or one that says Pinterest itself is unwell (5xx). */
  record(isAnswered: boolean): void;
}

/**
 * Opens when at least half of 20 or more requests of the last minute failed; lets one probe
 * through after 5 s, then 10 s, … up to 10 minutes; a request that is answered closes it. Without
 * it an outage would use up attempts of every event of every shop.
 */
export function createBreaker(nowMs: () => number): Breaker {
  const bySecond = new Map<number, { answered: number; failed: number }>();
  let openUntil: number | null = null;
  let pauseMs = FIRST_PAUSE_MS;

  function count(isAnswered: boolean): void {
    const second = Math.floor(nowMs() / 1_000);
    const counts = bySecond.get(second) ?? { answered: 0, failed: 0 };
    bySecond.set(second, counts);
    counts[isAnswered ? "answered" : "failed"] += 1;
    for (const old of bySecond.keys()) {
      if (old > second - WINDOW_SECONDS) break;
      bySecond.delete(old);
    }
  }

  function mostFail(): boolean {
    const counts = [...bySecond.values()];
    const failed = counts.reduce((sum, second) => sum + second.failed, 0);
    const all = failed + counts.reduce((sum, second) => sum + second.answered, 0);
    return all >= LEAST_REQUESTS && failed >= all * FAILED_SHARE;
  }

  function open(): void {
    openUntil = nowMs() + pauseMs;
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }

  return {
    state() {
      if (openUntil === null) return "closed";
      return nowMs() < openUntil ? "open" : "probe";
    },
    takeProbe: open,
    record(isAnswered) {
      if (openUntil === null) {
        count(isAnswered);
        if (!isAnswered && mostFail()) open();
      } else if (isAnswered) {
        openUntil = null;
        pauseMs = FIRST_PAUSE_MS;
        bySecond.clear();
      }
    },
  };
}
