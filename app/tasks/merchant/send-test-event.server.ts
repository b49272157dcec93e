import { setTimeout as wait } from "node:timers/promises";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Config } from "#app/platform/env.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { notePassedTest } from "#app/shops/connection/note-passed-test.server.ts";
import { readTaskInput } from "#app/tasks/input/read-task-input.server.ts";
import { runTask } from "#app/tasks/run-task.server.ts";
import { openShopDoor } from "#app/tasks/shop/open-shop-door.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";

export interface TestEventServices {
  config: Pick<Config, "PINTEREST_API_URL">;
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  pinterest: PinterestClient;
}

export type TestEventResult =
  | { ok: true; warning: string | null }
  | { ok: false; cause: string; nextStep: string };

/** A merchant waits for the answer. */
const DEADLINE_MS = 8_000;

/**
 * Sends one made-up purchase that Pinterest checks and does not record. Nobody's data is in it, and
 * the outbox does not know of it. Rejects only for a fault of the database.
 */
export async function sendTestEvent(
  services: TestEventServices,
  shop: { id: bigint; domain: string; lane: number; currency: string },
  actor: string,
): Promise<TestEventResult> {
  const clock = { nowMs: Date.now, wait: (ms: number) => wait(ms) };
  const read = readTaskInput(
    {
      task: "send_event",
      eventName: "checkout",
      email: "test-event@pinrelay.example",
      value: "1.00",
      currency: shop.currency,
      eventSourceUrl: `https://${shop.domain}`,
      test: true,
    },
    { nowSeconds: Math.floor(clock.nowMs() / 1_000) },
  );
  if (!read.ok) return { ok: false, cause: read.error.message, nextStep: read.error.action };
  const document = await runTask(
    {
      ...clock,
      pinterest: async () => services.pinterest,
      apiUrl: services.config.PINTEREST_API_URL,
      shop: openShopDoor({ ...services, ...clock }, { ...shop, actor }),
      random: Math.random,
      deadlineMs: DEADLINE_MS,
    },
    read.request,
  );
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
