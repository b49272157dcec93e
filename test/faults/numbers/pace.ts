import { setTimeout as wait } from "node:timers/promises";
import { untilDrained } from "#test/processes/until-drained.ts";
import { openInstallation } from "../installation.ts";
import { openScene, type Scene } from "../scene.ts";
import { type Figure, quantile } from "./figure.ts";

const PHASE_MS = 20_000;
const RETRY_AFTER_SECONDS = 5;

/** One ad account is told to wait, again and again: it waits, and the others do not notice. */
export async function measurePace(seed: number): Promise<Figure[]> {
  const installation = await openInstallation({ latencyMs: 50 });
  try {
    const scene = await openScene(installation, seed, { pauseMs: 60 });
    const { pinterest, db } = installation;
    const limited = scene.shops[0]?.adAccountId ?? "";
    await wait(PHASE_MS / 4);
    const calm = await latenciesOf(scene, limited);
    const retryAfter = RETRY_AFTER_SECONDS;
    pinterest.fail({ kind: "status", status: 429, retryAfter, adAccountId: limited });
    const troubled = await latenciesOf(scene, limited);
    await scene.client.finish();
    pinterest.heal();
    await untilDrained(db, scene.shops);
    await scene.client.close();
    const calls = pinterest.ledger.requests.filter(({ adAccountId }) => adAccountId === limited);
    const early = calls.filter(({ at }, index) => {
      const before = calls[index - 1];
      return before?.status === 429 && at < (before.endedAt ?? before.at) + retryAfter * 1_000;
    });
    const moved = quantile(troubled, 0.99) / quantile(calm, 0.99) - 1;
    return [
      {
        what: "calls before Retry-After",
        value: `${early.length} of ${calls.filter(({ status }) => status === 429).length}`,
        goal: "0",
        isReached: early.length === 0,
      },
      {
        what: "how far it moves the other accounts' p99, from acknowledged to accepted",
        value: `${(moved * 100).toFixed(0)} % (${quantile(calm, 0.99).toFixed(0)} ms, then ${quantile(troubled, 0.99).toFixed(0)} ms)`,
        goal: "under 10 %",
        isReached: moved < 0.1,
      },
    ];
  } finally {
    await installation.close();
  }
}

/** What the other accounts' orders of a phase took. */
async function latenciesOf(scene: Scene, limited: string): Promise<number[]> {
  const from = scene.client.sent.length;
  await wait(PHASE_MS);
  const orders = scene.client.sent.slice(from);
  await wait(3_000);
  const { accepted } = scene.installation.pinterest.ledger;
  const firstAt = new Map(accepted.map((event) => [event.eventId, event.firstAt]));
  return orders.flatMap(({ webhook, tries }) => {
    const order = scene.expected.get(webhook.id);
    const at = order && firstAt.get(order.eventId);
    if (order === undefined || at === undefined || order.shop.adAccountId === limited) return [];
    return [at - (tries.at(-1)?.endedAt ?? at)];
  });
}
