import { awaitAccepted } from "../await-accepted.ts";
import type { Installation } from "../installation.ts";
import { sendLoad } from "../load-client.ts";
import type { OrderSource } from "../order-source.ts";
import type { AcceptedAt } from "../processes/local-pinterest.ts";
import { quantile, round } from "../quantile.ts";
import { PINTEREST_LATENCY_MS, type Sizes } from "../sizes.ts";
import { startProcess } from "../start-process.ts";

export interface Latency {
  orders: number;
  per_second: number;
  pinterest_latency_ms: number;
  p50_ms: number;
  p99_ms: number;
  max_ms: number;
  ack_p50_ms: number;
  ack_p99_ms: number;
}

const PER_SECOND = 200;
const WARM_UP_SECONDS = 3;
const CONNECTIONS = 50;
const DEADLINE_MS = 120_000;

/** From the moment an order's webhook is sent to Pinterest's answer that it is accepted. */
export async function measureLatency(
  installation: Installation,
  orders: OrderSource,
  { seconds }: Sizes["latency"],
): Promise<Latency> {
  await installation.clear();
  const pinterest = await startProcess<{ url: string }>("local-pinterest.ts", {
    LATENCY_MS: String(PINTEREST_LATENCY_MS),
  });
  try {
    const app = await installation.startApp({ PINTEREST_API_URL: pinterest.ready.url });
    const warmUp = WARM_UP_SECONDS * PER_SECOND;
    const signed = orders.sign(warmUp + seconds * PER_SECOND, installation.shops);
    const load = await sendLoad(
      signed.map(({ request }) => request),
      { url: app.url, connections: CONNECTIONS, perSecond: PER_SECOND, deadlineMs: DEADLINE_MS },
    );
    await awaitAccepted(pinterest, signed.length, DEADLINE_MS);
    const accepted = new Map(await pinterest.ask<AcceptedAt[]>("times"));
    await app.kill("SIGTERM");
    const untilAcceptedMs = Float64Array.from(signed, ({ orderId }, index) => {
      return (accepted.get(`order-${orderId}-checkout`) ?? Number.NaN) - (load.dueAtMs[index] ?? 0);
    });
    return toLatency(untilAcceptedMs.subarray(warmUp), load.latenciesMs.subarray(warmUp));
  } finally {
    await pinterest.stop();
  }
}

function toLatency(untilAcceptedMs: Float64Array, ackMs: Float64Array): Latency {
  return {
    orders: untilAcceptedMs.length,
    per_second: PER_SECOND,
    pinterest_latency_ms: PINTEREST_LATENCY_MS,
    p50_ms: round(quantile(untilAcceptedMs, 0.5)),
    p99_ms: round(quantile(untilAcceptedMs, 0.99)),
    max_ms: round(quantile(untilAcceptedMs, 1)),
    ack_p50_ms: round(quantile(ackMs, 0.5)),
    ack_p99_ms: round(quantile(ackMs, 0.99)),
  };
}
