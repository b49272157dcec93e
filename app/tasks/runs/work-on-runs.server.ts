import type { Queue } from "#app/platform/queue.server.ts";
import { RUN_JOB, type RunJob } from "./run-job.server.ts";
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
    const outcome = await workThroughRun(services, BigInt(job.runId), nowMs() + TURN_MS);
    if (outcome === "more") await queue.send(RUN_JOB, job);
    return "done";
  });
  await queue.schedule("take-up-runs", "* * * * *", async () => {
    const { rows } = await db.pool.query<{ id: bigint }>(
      `select id from run where state in ('running', 'stopping')
        and created_at between now() - interval '7 days' and now() - interval '1 minute'`,
    );
    for (const { id } of rows) await queue.send(RUN_JOB, { runId: String(id) } satisfies RunJob);
  });
  await queue.schedule("drop-old-runs", "40 3 * * *", async () => {
    await db.pool.query("delete from run where created_at < now() - interval '90 days'");
  });
}
