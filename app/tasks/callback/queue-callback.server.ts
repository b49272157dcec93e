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
  await queue.send(CALLBACK_JOB, job);
}
