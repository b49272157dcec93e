import { notePassedTest } from "#app/shops/connection/note-passed-test.server.ts";
import { readTaskInput } from "#app/tasks/input/read-task-input.server.ts";
import { runShopTask, type ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";

export type TestEventResult =
  | { ok: true; warning: string | null }
  | { ok: false; cause: string; nextStep: string };

/** A merchant waits for the answer. */
const WAIT_SECONDS = 8;

/**
 * Sends one made-up purchase that Pinterest checks and does not record. Nobody's data is in it, and
 * the outbox does not know of it. Rejects only for a fault of the database.
 */
export async function sendTestEvent(
  services: ShopTaskServices,
  shop: { id: bigint; domain: string; lane: number; currency: string },
  actor: string,
): Promise<TestEventResult> {
  const read = await readTaskInput(
    {
      task: "send_event",
      eventName: "checkout",
      email: "test-event@pinrelay.example",
      value: "1.00",
      currency: shop.currency,
      eventSourceUrl: `https://${shop.domain}`,
      test: true,
      waitSeconds: WAIT_SECONDS,
    },
    { nowSeconds: Math.floor(Date.now() / 1_000) },
  );
  if (!read.ok) return { ok: false, cause: read.error.message, nextStep: read.error.action };
  const document = await runShopTask(services, { ...shop, actor }, read.request);
  const result = judge(document);
  if (result.ok) await notePassedTest(services, shop.id, actor);
  return result;
}

function judge(document: TaskDocument): TestEventResult {
  const [row] = "results" in document ? document.results : [];
  if (row?.status === "accepted") return { ok: true, warning: row.warning };
  const error = ("error" in document ? document.error : undefined) ?? row?.error;
  return { ok: false, cause: error?.message ?? "", nextStep: error?.action ?? "" };
}
