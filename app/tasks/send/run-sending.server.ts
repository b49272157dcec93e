import type { Target } from "#app/tasks/choose-target.server.ts";
import type { SendDocument } from "#app/tasks/task-document.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { type SendingServices, sendSorted } from "./send-sorted.server.ts";
import { sortRows } from "./sort-rows.server.ts";

/** Runs a sending task: a result for each row, in the order of the input. */
export async function runSending(
  services: SendingServices,
  request: TaskRequest,
  target: Target,
): Promise<SendDocument> {
  const sorted = sortRows(request.rows, Math.floor(services.nowMs() / 1_000));
  return sendSorted(services, request, target, sorted);
}
