import type { Queue } from "#app/platform/queue.server.ts";
import { CALLBACK_JOB, type CallbackJob } from "./callback-job.server.ts";
import { createHostBreakers } from "./host-breakers.server.ts";
import { type CallbackJobServices, runCallbackJob } from "./run-callback-job.server.ts";

/** Has this process post what `queueCallback` stored, in whichever process. */
export function workOnCallbacks(
  services: Omit<CallbackJobServices, "breakers"> & { queue: Pick<Queue, "send" | "work"> },
): Promise<void> {
  const all = { ...services, breakers: createHostBreakers() };
  return services.queue.work<CallbackJob>(CALLBACK_JOB, (job, run) =>
    runCallbackJob(all, job, run),
  );
}
