import { randomUUID } from "node:crypto";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import { CALLBACK_JOB, type CallbackJob, sealContent } from "./callback-job.server.ts";

interface QueueCallbackServices {
  queue: Pick<Queue, "send">;
  keyring: Keyring;
  nowMs: () => number;
}

/**
 * Stores a task's document to be posted to `url`, which has been checked (checkCallbackUrl). A
 * worker posts it, signed by the shop. Rejects when the database cannot be reached.
 */
export async function queueCallback(
  { queue, keyring, nowMs }: QueueCallbackServices,
  { shop, url, document }: { shop: { domain: string }; url: string; document: TaskDocument },
): Promise<void> {
  const id = `msg_${randomUUID().replaceAll("-", "")}`;
  const sealed = await sealContent(keyring, id, { url, document });
  const job: CallbackJob = { id, shop: shop.domain, queuedAtMs: nowMs(), waits: 0, sealed };
  await queue.send(CALLBACK_JOB, job, { group: shop.domain });
}

/** Results of one shop that wait to be posted: past that no more are taken on until some are gone. */
const MOST_WAITING = { jobs: 1_000, bytes: 64 * 1024 * 1024 };

/** Whether the shop may have one more result posted. */
export async function hasRoomForCallback(
  { queue }: { queue: Pick<Queue, "measureWaiting"> },
  shop: { domain: string },
): Promise<boolean> {
  const { jobs, bytes } = await queue.measureWaiting(CALLBACK_JOB, shop.domain);
  return jobs < MOST_WAITING.jobs && bytes < MOST_WAITING.bytes;
}
