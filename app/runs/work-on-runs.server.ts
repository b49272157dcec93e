import type { Queue } from "#app/platform/queue.server.ts";
import { RUN_JOB, type RunJob } from "./run-job.server.ts";
import { queueRun } from "./store-run.server.ts";
import { type RunWorkServices, workThroughRun } from "./work-through-run.server.ts";

export interface RunWorkerServices extends RunWorkServices {
  queue: Pick<Queue, "send" | "work" | "schedule">;
}

/** A job works so long; then it puts another one in the queue for the rest. */
const TURN_MS = 30_000;

/**
 * Has this process work on runs, whoever started them. Once a minute it looks for runs that stand
 * still: one whose process was killed goes on there.
 */
export async function workOnRuns(services: RunWorkerServices): Promise<void> {
  const { db, queue, nowMs } = services;
  await queue.work<RunJob>(RUN_JOB, async (job) => {
    const run = { runId: BigInt(job.runId), shopId: BigInt(job.shopId) };
    const outcome = await workThroughRun(services, run.runId, nowMs() + TURN_MS);
    if (outcome === "more") await queueRun(queue, run);
    return "done";
  });
  await queue.schedule("take-up-runs", "* * * * *", async () => {
    const { rows } = await db.pool.query<{ runId: bigint; shopId: bigint }>(
      `select id as "runId", shop_id as "shopId" from run where state in ('running', 'stopping')
        and created_at between now() - interval '7 days' and now() - interval '1 minute'`,
    );
    for (const run of rows) await queueRun(queue, run);
  });
  await queue.schedule("drop-old-runs", "40 3 * * *", async () => {
    await db.pool.query("delete from run where created_at < now() - interval '90 days'");
  });
}
