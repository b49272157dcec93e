import type { MappedEvent } from "#app/events/mapped-event.ts";
import { chooseTarget } from "./choose-target.server.ts";
import type { TaskServices } from "./run-task.server.ts";
import { sendSorted } from "./send/send-sorted.server.ts";
import type { SendDocument, TaskError } from "./task-document.server.ts";

/** What a task is told besides its event. */
interface Wishes {
  isDemo: boolean;
  isTest: boolean;
  adAccountId: string | null;
  waitSeconds: number;
}

/**
 * Sends an event that is mapped already, such as that of an order, as `send_event` sends one that is
 * given. Null: the mapping says that it is not to be sent.
 */
export async function runMapped(
  services: TaskServices,
  mapped: MappedEvent,
  wishes: Wishes,
): Promise<SendDocument | { ok: false; error: TaskError } | null> {
  if (mapped.outcome.kind === "skip") return null;
  const sending = { accessToken: null, rows: [], isSending: true };
  const choice = await chooseTarget(services.shop, { ...wishes, ...sending });
  if (!choice.ok) return choice;
  const giveUpAtMs = services.nowMs() + services.deadlineMs;
  const { event } = mapped.outcome;
  const bytes = Buffer.byteLength(JSON.stringify(event));
  return sendSorted(
    { ...services, giveUpAtMs, onSettled: () => {} },
    { ...wishes, task: "send_event" },
    choice.target,
    { outgoing: [{ index: 0, mapped, event, bytes }], skipped: [], refusable: [] },
  );
}
