import type { Installation } from "../installation.ts";
import { type Load, sendLoad } from "../load-client.ts";
import type { SignedOrder } from "../order-source.ts";
import { readCpuMs, readPostgresCpuMs } from "../process-usage.ts";
import { median, quantile, round } from "../quantile.ts";

export interface AckRate {
  per_second: number;
  p50_ms: number;
  p99_ms: number;
  refused: number;
  /** Processor time of the server's process, and of Postgres, per webhook. */
  server_cpu_ms: number;
  postgres_cpu_ms: number;
}

/** A server, or several that share the load, with the load that it gets. */
export interface Contender {
  servers: { url: string; pid: number }[];
  connections: number;
  webhooks: number;
  sign: (count: number, shops: readonly string[]) => SignedOrder[];
  rounds: AckRate[];
  bodyBytes: number;
}

const DEADLINE_MS = 120_000;

/** The requests and the connections in equal parts to each of the contender's servers. */
export async function sendToAll(
  { servers, connections }: Contender,
  requests: readonly Buffer[],
): Promise<Load> {
  const loads = await Promise.all(
    servers.map(({ url }, part) =>
      sendLoad(
        requests.filter((_, index) => index % servers.length === part),
        { url, connections: connections / servers.length, deadlineMs: DEADLINE_MS },
      ),
    ),
  );
  const join = (key: "latenciesMs" | "dueAtMs") =>
    Float64Array.from(loads.flatMap((load) => [...load[key]]));
  return {
    seconds: Math.max(...loads.map(({ seconds }) => seconds)),
    refused: loads.reduce((sum, { refused }) => sum + refused, 0),
    latenciesMs: join("latenciesMs"),
    dueAtMs: join("dueAtMs"),
  };
}

/** One round of a contender, kept with its others. */
export async function runRound({ env, shops }: Installation, contender: Contender): Promise<void> {
  const requests = contender.sign(contender.webhooks, shops).map(({ request }) => request);
  contender.bodyBytes = meanBodyBytes(requests);
  const readCpu = async () => {
    const servers = await Promise.all(contender.servers.map(({ pid }) => readCpuMs(pid)));
    return [servers.reduce((sum, ms) => sum + ms, 0), await readPostgresCpuMs(env)];
  };
  const before = await readCpu();
  const load = await sendToAll(contender, requests);
  const after = await readCpu();
  const [server = 0, postgres = 0] = after.map(
    (ms, index) => (ms - (before[index] ?? 0)) / requests.length,
  );
  contender.rounds.push({ ...toRate(load), server_cpu_ms: server, postgres_cpu_ms: postgres });
}

function toRate({ latenciesMs, seconds, refused }: Load) {
  return {
    per_second: latenciesMs.length / seconds,
    p50_ms: quantile(latenciesMs, 0.5),
    p99_ms: quantile(latenciesMs, 0.99),
    refused,
  };
}

function meanBodyBytes(requests: readonly Buffer[]): number {
  const bytes = requests.reduce((sum, request) => {
    return sum + request.length - request.indexOf("\r\n\r\n") - 4;
  }, 0);
  return Math.round(bytes / requests.length);
}

/** One contender's rate over another's: the median of the rounds' ratios. */
export function ratioOf(contender: Contender, baseline: Contender): number {
  const ratios = contender.rounds.map(
    ({ per_second }, index) => per_second / (baseline.rounds[index]?.per_second ?? 1),
  );
  return round(median(ratios), 2);
}

export function medianOf({ rounds }: Contender): AckRate {
  const of = (key: keyof AckRate) => median(rounds.map((rate) => rate[key]));
  return {
    per_second: Math.round(of("per_second")),
    p50_ms: round(of("p50_ms")),
    p99_ms: round(of("p99_ms")),
    refused: rounds.reduce((sum, { refused }) => sum + refused, 0),
    server_cpu_ms: round(of("server_cpu_ms"), 3),
    postgres_cpu_ms: round(of("postgres_cpu_ms"), 3),
  };
}
