import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import { attemptCallback, type CallbackServices } from "./attempt-callback.server.ts";

/** Milliseconds before the second try, and before the third. */
const PAUSES_MS = [1_000, 5_000];

/**
 * Posts a task's document to a URL, in up to three tries under the same id. For a process that ends
 * with its task; a serving one queues the document. Never rejects for what the network does.
 */
export async function postCallback(
  services: CallbackServices & { wait: (ms: number) => Promise<void> },
  callback: { url: string; secret: string | null; id: string; document: TaskDocument },
): Promise<{ ok: true; attempts: number } | { ok: false; attempts: number; why: string }> {
  const { document, ...address } = callback;
  const message = { ...address, body: JSON.stringify(document) };
  for (let attempts = 1; ; attempts++) {
    const outcome = await attemptCallback(services, message);
    if (outcome.ok) return { ok: true, attempts };
    const pauseMs = outcome.isFinal ? undefined : PAUSES_MS[attempts - 1];
    if (pauseMs === undefined) return { ok: false, attempts, why: outcome.why };
    await services.wait(pauseMs);
  }
}
