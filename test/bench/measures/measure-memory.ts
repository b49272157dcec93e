import { awaitAccepted } from "../await-accepted.ts";
import type { Installation } from "../installation.ts";
import { sendLoad } from "../load-client.ts";
import type { OrderSource } from "../order-source.ts";
import { readRssMb } from "../process-usage.ts";
import { round } from "../quantile.ts";
import { CONNECTIONS, PINTEREST_LATENCY_MS, type Sizes } from "../sizes.ts";
import { startProcess } from "../start-process.ts";

/** Resident memory of the app's process in MB, Postgres apart, once so many events were accepted. */
export interface Memory {
  after_events: { events: number; rss_mb: number }[];
}

/** Signed orders that the load client holds at once. */
const PORTION = 5_000;
const DEADLINE_MS = 10 * 60_000;

/** Sends orders as fast as the app takes them, lets it deliver them, and looks at its memory. */
export async function measureMemory(
  installation: Installation,
  orders: OrderSource,
  { steps }: Sizes["memory"],
): Promise<Memory> {
  await installation.clear();
  const pinterest = await startProcess<{ url: string }>("local-pinterest.ts", {
    LATENCY_MS: String(PINTEREST_LATENCY_MS),
  });
  try {
    const app = await installation.startApp({ PINTEREST_API_URL: pinterest.ready.url });
    const after = [{ events: 0, rss_mb: round(await readRssMb(app.pid)) }];
    let sent = 0;
    for (const events of steps) {
      while (sent < events) {
        const signed = orders.sign(Math.min(PORTION, events - sent), installation.shops);
        await sendLoad(
          signed.map(({ request }) => request),
          { url: app.url, connections: CONNECTIONS, deadlineMs: DEADLINE_MS },
        );
        sent += signed.length;
      }
      await awaitAccepted(pinterest, sent, DEADLINE_MS);
      after.push({ events, rss_mb: round(await readRssMb(app.pid)) });
    }
    await app.kill("SIGTERM");
    return { after_events: after };
  } finally {
    await pinterest.stop();
  }
}
