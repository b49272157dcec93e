import { awaitAccepted } from "../await-accepted.ts";
import { fillBacklog } from "../fill-backlog.ts";
import type { Installation } from "../installation.ts";
import type { OrderSource } from "../order-source.ts";
import { readCpuMs, readPostgresCpuMs } from "../process-usage.ts";
import type { PinterestSummary } from "../processes/local-pinterest.ts";
import { round } from "../quantile.ts";
import { IN_FLIGHT_ONE_BY_ONE, PINTEREST_LATENCY_MS, type Sizes } from "../sizes.ts";
import { type BenchProcess, startProcess } from "../start-process.ts";

export interface DeliveryRate {
  events: number;
  per_second: number;
  events_per_request: number;
  /** Events that Pinterest was sent twice, and breaches of its limit: 0. */
  duplicates: number;
  violations: number;
  worker_cpu_ms: number;
  postgres_cpu_ms: number;
}

export interface Delivery {
  pinterest_latency_ms: number;
  app: DeliveryRate;
  send_each: DeliveryRate & { in_flight: number };
  ratio_to_send_each: number;
}

const DEADLINE_MS = 15 * 60_000;
/** One event to a request would meet Pinterest's real limit of 5,000 calls a minute at 83 a second. */
const NO_LIMIT = "1000000000";

/** Events delivered a second out of a backlog: by the app's worker, and one event to a request. */
export async function measureDelivery(
  installation: Installation,
  orders: OrderSource,
  sizes: Sizes["delivery"],
): Promise<Delivery> {
  const app = await drain(installation, orders, sizes.backlog, {}, async (env) => {
    const worker = await installation.startApp({ ...env, PINRELAY_ROLE: "worker" });
    return { pid: worker.pid, stop: () => worker.kill("SIGTERM") };
  });
  const limit = { CALLS_PER_MINUTE: NO_LIMIT };
  const sendEach = await drain(installation, orders, sizes.backlogOneByOne, limit, async (env) => {
    const worker = await startProcess("send-each.ts", { ...installation.env, ...env });
    const sent = worker.ask("start");
    return { pid: worker.pid, stop: () => sent.then(() => worker.stop()) };
  });
  return {
    pinterest_latency_ms: PINTEREST_LATENCY_MS,
    app,
    send_each: { ...sendEach, in_flight: IN_FLIGHT_ONE_BY_ONE },
    ratio_to_send_each: round(app.per_second / sendEach.per_second),
  };
}

type StartWorker = (
  env: Record<string, string>,
) => Promise<{ pid: number; stop(): Promise<unknown> }>;

async function drain(
  installation: Installation,
  orders: OrderSource,
  events: number,
  pinterestEnv: Record<string, string>,
  startWorker: StartWorker,
): Promise<DeliveryRate> {
  await installation.clear();
  await fillBacklog(installation, orders, events);
  const pinterest = await startProcess<{ url: string }>("local-pinterest.ts", {
    LATENCY_MS: String(PINTEREST_LATENCY_MS),
    ...pinterestEnv,
  });
  try {
    const postgresBefore = await readPostgresCpuMs(installation.env);
    const worker = await startWorker({ PINTEREST_API_URL: pinterest.ready.url });
    const summary = await awaitAccepted(pinterest, events, DEADLINE_MS);
    const cpuMs = await readCpuMs(worker.pid);
    const postgresCpuMs = (await readPostgresCpuMs(installation.env)) - postgresBefore;
    await worker.stop();
    await checkLedger(installation, pinterest, events);
    return toRate(summary, cpuMs, postgresCpuMs);
  } finally {
    await pinterest.stop();
  }
}

/** A rate of a worker that loses or repeats events would be worth nothing. */
async function checkLedger(
  { db }: Installation,
  pinterest: BenchProcess<unknown>,
  events: number,
): Promise<void> {
  const { accepted, duplicates } = await pinterest.ask<PinterestSummary>("summary");
  const { rows } = await db.pool.query("select count(*) as n from event where state = 'accepted'");
  const settled = Number(rows[0].n);
  if (accepted !== events || settled !== events || duplicates > 0) {
    throw new Error(
      `of ${events} events Pinterest has ${accepted}, ${duplicates} came twice, ${settled} are settled`,
    );
  }
}

/** From Pinterest's first request to its last answer: the worker's start does not count. */
function toRate(summary: PinterestSummary, cpuMs: number, postgresCpuMs: number): DeliveryRate {
  const { accepted, requests, firstRequestAtMs, lastAnswerAtMs } = summary;
  const seconds = (lastAnswerAtMs - firstRequestAtMs) / 1_000;
  return {
    events: accepted,
    per_second: Math.round(accepted / seconds),
    events_per_request: round(accepted / requests),
    duplicates: summary.duplicates,
    violations: summary.violations,
    worker_cpu_ms: round(cpuMs / accepted, 3),
    postgres_cpu_ms: round(postgresCpuMs / accepted, 3),
  };
}
