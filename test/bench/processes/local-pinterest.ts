// The local Pinterest in a process of its own, so that its processor time is not the app's. Answers
// "summary", "times" and "clear".
import { startLocalPinterest } from "#test/sandbox/local-pinterest.ts";

/** What the local Pinterest has seen since it started or was cleared. */
export interface PinterestSummary {
  accepted: number;
  requests: number;
  /** Events that came again under an id that was taken: 0, or delivery is not exactly once. */
  duplicates: number;
  violations: number;
  /** Arrival of the first request and answer to the last, in milliseconds since 1970. */
  firstRequestAtMs: number;
  lastAnswerAtMs: number;
}

/** Event id, and when Pinterest answered that it was accepted, in milliseconds since 1970. */
export type AcceptedAt = [eventId: string, atMs: number];

const latencyMs = Number(process.env.LATENCY_MS);
const callsPerMinute = Number(process.env.CALLS_PER_MINUTE ?? 5_000);
const pinterest = await startLocalPinterest({ latencyMs, callsPerMinute, keepEvents: false });
const { ledger } = pinterest;

function summary(): PinterestSummary {
  return {
    accepted: ledger.acceptedCount,
    requests: ledger.requests.length,
    duplicates: ledger.duplicates,
    violations: ledger.violations.length,
    firstRequestAtMs: ledger.requests[0]?.at ?? 0,
    lastAnswerAtMs: (ledger.requests.at(-1)?.at ?? 0) + latencyMs,
  };
}

function times(): AcceptedAt[] {
  return ledger.accepted.map(({ eventId, firstAt }) => [eventId, firstAt + latencyMs]);
}

process.on("message", (question) => {
  if (question === "summary") process.send?.(summary());
  if (question === "times") process.send?.(times());
  if (question === "clear") {
    ledger.clear();
    process.send?.(summary());
  }
});
process.on("disconnect", () => process.exit());
process.send?.({ url: pinterest.url });
