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
  /** Two processes of the app on the one database, as an operator with two cores would run it. */
  app_twice: AckRate;
  answer_only: AckRate;
  commit_each: AckRate;
  /** The app's rate over each baseline's: medians of the rounds' ratios. */
  ratio_to_answer_only: number;
  ratio_to_commit_each: number;
}

interface Contender {
  servers: { url: string; pid: number }[];
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
  const second = await installation.startApp({ PINRELAY_ROLE: "web" });
  const answerOnly = await startProcess<{ url: string }>("answer-only.ts", env);
  const commitEach = await startProcess<{ url: string }>("commit-each.ts", env);
  const contenders = {
    answerOnly: toContender([{ ...answerOnly.ready, pid: answerOnly.pid }], sizes.webhooks),
    commitEach: toContender([{ ...commitEach.ready, pid: commitEach.pid }], sizes.webhooksOneByOne),
    app: toContender([app], sizes.webhooks),
    appTwice: toContender([app, second], sizes.webhooks),
  };
  let bodyBytes = 0;
  try {
    for (const contender of Object.values(contenders)) {
      const count = Math.min(sizes.warmUp, 2 * contender.webhooks);
      const warmUp = orders.sign(count, shops).map(({ request }) => request);
      await sendToAll(contender, warmUp);
    }
    for (let round = 0; round < sizes.rounds; round += 1) {
      for (const contender of Object.values(contenders)) {
        const requests = orders.sign(contender.webhooks, shops).map(({ request }) => request);
        bodyBytes = meanBodyBytes(requests);
        contender.rounds.push(await runRound(installation, contender, requests));
      }
    }
  } finally {
    await Promise.all([
      ...[app, second].map((each) => each.kill("SIGTERM")),
      answerOnly.stop(),
      commitEach.stop(),
    ]);
  }
  return summarize(contenders, bodyBytes);
}

function toContender(servers: { url: string; pid: number }[], webhooks: number): Contender {
  return { servers: servers.map(({ url, pid }) => ({ url, pid })), webhooks, rounds: [] };
}

/** The requests and the connections in equal parts to each of the contender's servers. */
async function sendToAll({ servers }: Contender, requests: readonly Buffer[]): Promise<Load> {
  const connections = CONNECTIONS / servers.length;
  const loads = await Promise.all(
    servers.map(({ url }, part) =>
      sendLoad(
        requests.filter((_, index) => index % servers.length === part),
        { url, connections, deadlineMs: DEADLINE_MS },
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

async function runRound(
  { env }: Installation,
  contender: Contender,
  requests: Buffer[],
): Promise<AckRate> {
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

type Contenders = Record<"app" | "appTwice" | "answerOnly" | "commitEach", Contender>;

function summarize({ app, appTwice, answerOnly, commitEach }: Contenders, bodyBytes: number): Acks {
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
    app_twice: medianOf(appTwice.rounds),
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
