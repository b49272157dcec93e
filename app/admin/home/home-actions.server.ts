import { formatMessage } from "#app/events/format-message.ts";
import type { Database } from "#app/platform/db.server.ts";
import {
  pauseConnection,
  resumeConnection,
} from "#app/shops/connection/pause-connection.server.ts";
import { recordTestPassed } from "#app/shops/connection/test-connection.server.ts";
import { readTaskInput } from "#app/tasks/input/read-task-input.server.ts";
import { runShopTask, type ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import { homeTexts } from "./texts.ts";

export interface TestOutcome {
  isAccepted: boolean;
  title: string;
  /** Empty, or why not and what to do. */
  text: string;
}

/**
 * Pauses or resumes sending at a merchant's wish; false: there was nothing to change. What Pinterest
 * refused is not resumed: it would be refused again, and only a new sign-in mends it.
 */
export async function setSending(
  { db }: { db: Pick<Database, "pool" | "queryAsShop" | "transaction"> },
  shopId: bigint,
  wanted: "active" | "paused",
  actor: string,
): Promise<boolean> {
  if (wanted === "paused") return pauseConnection({ db }, shopId, "merchant", actor);
  const rows = await db.queryAsShop(shopId, {
    text: "select from connection where shop_id = $1 and state = 'paused' and pause_reason = 'merchant'",
    values: [shopId.toString()],
  });
  return rows.length > 0 && resumeConnection({ db }, shopId, actor);
}

/** A merchant waits for the answer. */
const WAIT_SECONDS = 8;

/**
 * Sends one made-up purchase that Pinterest checks and does not record. It holds no person's data, and
 * the outbox does not know of it. Rejects only for a fault of the database.
 */
export async function sendTestEvent(
  services: ShopTaskServices,
  shop: { id: bigint; domain: string; lane: number; currency: string },
  actor: string,
): Promise<TestOutcome> {
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
  if (!read.ok) return describeFailure(read.error);
  const outcome = describeTest(await runShopTask(services, { ...shop, actor }, read.request));
  if (outcome.isAccepted) await recordTestPassed(services, shop.id, actor);
  return outcome;
}

const { passed, passedNoted, failed } = homeTexts.guide.event;

/** What Pinterest said of a test event, in words. */
function describeTest(document: TaskDocument): TestOutcome {
  const [row] = "results" in document ? document.results : [];
  if (row?.status !== "accepted") {
    return describeFailure(("error" in document ? document.error : undefined) ?? row?.error);
  }
  const { warning } = row;
  const title = warning === null ? passed : formatMessage(passedNoted, { warning });
  return { isAccepted: true, title, text: "" };
}

function describeFailure(error?: { message: string; action: string } | null): TestOutcome {
  const parts = error ? [error.message, error.action] : [];
  return { isAccepted: false, title: failed, text: parts.filter((part) => part !== "").join(" ") };
}
