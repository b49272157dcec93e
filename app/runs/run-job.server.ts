import type { JobKind } from "#app/platform/queue.server.ts";

/** Works on one run for a while, then hands it on to another job: a deploy must not wait for it. */
export const RUN_JOB: JobKind = {
  name: "work-on-run",
  retries: 3,
  retrySeconds: 5,
  expireSeconds: 120,
};

export interface RunJob {
  /** Digits of the run's id: a queue's data is JSON, which knows no bigint. */
  runId: string;
  /** Of the shop whose run it is. */
  shopId: string;
}

export type RunKind = "replay" | "send";

/** What a run holds encrypted until the outbox has it; bound to its row. */
export function itemIdentity(runId: bigint, place: number): string {
  return `run_item:${runId}:${place}`;
}
