import type { Installation } from "../installation.ts";
import { type Load, sendLoad } from "../load-client.ts";
import type { OrderSource } from "../order-source.ts";
import { readCpuMs, readPostgresCpuMs } from "../process-usage.ts";
import { median, quantile, round } from "../quantile.ts";
import { CONNECTIONS, type Sizes } from "../sizes.ts";
import { startProcess } from "../start-process.ts";

export interface AckRate {
  per_second: number;
  p50_ms: number;
  p99_ms: number;
  refused: number;
  /** Processor time of the server's process, and of Postgres, per webhook. */
  server_cpu_ms: number;
  postgres_cpu_ms: number;
}

export interface Acks {
  rounds: number;
  connections: number;
  body_bytes: number;
  app: AckRate;
  answer_only: AckRate;
  commit_each: AckRate;
  /** The app's rate over each baseline's: medians of the rounds' ratios. */
  ratio_to_answer_only: number;
  ratio_to_commit_each: number;
}

interface Contender {
  url: string;
  pid: number;
  webhooks: number;
  rounds: AckRate[];
}

const DEADLINE_MS = 120_000;

/**
 * Acknowledged webhooks a second by the app, by a server that only answers, and by one that commits
 * each webhook alone. They take turns on one database, so that a busy minute of the machine meets
 * all three.
 */
export async function measureAcks(
  installation: Installation,
  orders: OrderSource,
  sizes: Sizes["acks"],
): Promise<Acks> {
  const { env, shops } = installation;
  const app = await installation.startApp({ PINRELAY_ROLE: "web" });
  const answerOnly = await startProcess<{ url: string }>("answer-only.ts", env);
  const commitEach = await startProcess<{ url: string }>("commit-each.ts", env);
  const contenders = {
    answerOnly: toContender(answerOnly.ready.url, answerOnly.pid, sizes.webhooks),
    commitEach: toContender(commitEach.ready.url, commitEach.pid, sizes.webhooksOneByOne),
    app: toContender(app.url, app.pid, sizes.webhooks),
  };
  let bodyBytes = 0;
  try {
    for (const contender of Object.values(contenders)) {
      const { url } = contender;
      const warmUp = orders.sign(sizes.warmUp, shops).map(({ request }) => request);
      await sendLoad(warmUp, { url, connections: CONNECTIONS, deadlineMs: DEADLINE_MS });
    }
    for (let round = 0; round < sizes.rounds; round += 1) {
      for (const contender of Object.values(contenders)) {
        const requests = orders.sign(contender.webhooks, shops).map(({ request }) => request);
        bodyBytes = meanBodyBytes(requests);
        contender.rounds.push(await runRound(installation, contender, requests));
      }
    }
  } finally {
    await Promise.all([app.kill("SIGTERM"), answerOnly.stop(), commitEach.stop()]);
  }
  return summarize(contenders, bodyBytes);
}

function toContender(url: string, pid: number, webhooks: number): Contender {
  return { url, pid, webhooks, rounds: [] };
}

async function runRound(
  { env }: Installation,
  { url, pid }: Contender,
  requests: Buffer[],
): Promise<AckRate> {
  const before = [await readCpuMs(pid), await readPostgresCpuMs(env)];
  const load = await sendLoad(requests, {
    url,
    connections: CONNECTIONS,
    deadlineMs: DEADLINE_MS,
  });
  const after = [await readCpuMs(pid), await readPostgresCpuMs(env)];
  const [server = 0, postgres = 0] = after.map(
    (ms, index) => (ms - (before[index] ?? 0)) / requests.length,
  );
  return { ...toRate(load), server_cpu_ms: server, postgres_cpu_ms: postgres };
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

type Contenders = Record<"app" | "answerOnly" | "commitEach", Contender>;

function summarize({ app, answerOnly, commitEach }: Contenders, bodyBytes: number): Acks {
  const ratioTo = (baseline: Contender) =>
    median(
      app.rounds.map(
        ({ per_second }, index) => per_second / (baseline.rounds[index]?.per_second ?? 1),
      ),
    );
  return {
    rounds: app.rounds.length,
    connections: CONNECTIONS,
    body_bytes: bodyBytes,
    app: medianOf(app.rounds),
    answer_only: medianOf(answerOnly.rounds),
    commit_each: medianOf(commitEach.rounds),
    ratio_to_answer_only: round(ratioTo(answerOnly), 2),
    ratio_to_commit_each: round(ratioTo(commitEach), 2),
  };
}

function medianOf(rounds: readonly AckRate[]): AckRate {
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
