import { setTimeout as wait } from "node:timers/promises";
import { readRssMb } from "#test/bench/process-usage.ts";
import type { PinterestSummary } from "#test/bench/processes/local-pinterest.ts";
import { type BenchProcess, startProcess } from "#test/bench/start-process.ts";
import { untilDrained } from "#test/processes/until-drained.ts";
import { type Installation, openInstallation } from "../installation.ts";
import { makeSceneShops } from "../scene-shops.ts";
import { fastOrders } from "./fast-orders.ts";
import { type Figure, quantile } from "./figure.ts";
import { type PacedLoad, sendPaced } from "./paced-load.ts";

const SHOPS = 24;
const PROBE_MS = 200;
const SAMPLE_MS = 10_000;
const MINUTE_MS = 60_000;
const FAULTS_SHOWN = 5;
const FAULT_LENGTH = 600;
/** A process has loaded what it needs, and its heap has found its size. */
const WARM_SHARE = 1 / 3;

interface Stage {
  installation: Installation;
  pinterest: BenchProcess<{ url: string }>;
  /** The processes that a load balancer would send to: those that say they are ready. */
  ready: () => string[];
  load(perSecond: number, until: AbortSignal): Promise<PacedLoad>;
}

async function withStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  const pinterest = await startProcess<{ url: string }>("local-pinterest.ts", {
    LATENCY_MS: "100",
  });
  const installation = await openInstallation({
    env: { PINTEREST_API_URL: pinterest.ready.url, LOG_LEVEL: "warn", LINGER_SECONDS: "2" },
  });
  const next = fastOrders(await makeSceneShops(installation, SHOPS));
  let ready = installation.webs.map(({ url }) => url);
  const probe = setInterval(async () => {
    const asked = installation.webs.map(async ({ url }) => {
      const answer = await fetch(`${url}/readyz`).catch(() => null);
      return answer?.ok ? url : null;
    });
    const found = (await Promise.all(asked)).filter((url) => url !== null);
    if (found.length > 0) ready = found;
  }, PROBE_MS);
  try {
    return await work({
      installation,
      pinterest,
      ready: () => ready,
      load: (perSecond, until) => sendPaced({ urls: () => ready, next, perSecond, until }),
    });
  } finally {
    clearInterval(probe);
    await installation.close();
    await pinterest.stop();
  }
}

/** What the processes say of their faults: a refusal is explained there, or nowhere. */
function printFaults({ apps }: Pick<Installation, "apps">): void {
  const lines = apps.flatMap(({ name, outputs }) =>
    outputs().flatMap((output) => output.split("\n").map((line) => `${name}: ${line}`)),
  );
  const faults = lines.filter((line) => /"level":"(?:warn|error|fatal)"/.test(line));
  for (const line of faults.slice(0, FAULTS_SHOWN)) console.log(line.slice(0, FAULT_LENGTH));
}

function summary({ sent, perSecond, acknowledged, refused }: PacedLoad): string {
  const answers = [...refused].map(([answer, count]) => `${count} × ${answer}`).join(", ");
  return `${sent} sent, ${perSecond.toFixed(0)} a second, ${acknowledged} acknowledged, answers but 200: ${answers || "none"}`;
}

const PACE_SHARE = 0.97;
const hasPace = (load: PacedLoad, asked: number) => load.perSecond >= asked * PACE_SHARE;

/** Every process is replaced once under load, as a deploy does, behind a load balancer. */
export function measureDeploy(perSecond: number): Promise<Figure[]> {
  return withStage(async ({ installation, pinterest, load }) => {
    const over = new AbortController();
    const loading = load(perSecond, over.signal);
    await wait(3_000);
    for (const app of installation.apps) {
      await app.end("SIGTERM");
      await app.untilReady();
      await wait(3 * PROBE_MS);
    }
    over.abort();
    const result = await loading;
    await untilDrained(installation.db);
    const { duplicates } = await pinterest.ask<PinterestSummary>("summary");
    printFaults(installation);
    const statuses = [...result.refused].filter(([answer]) => answer !== "none");
    return [
      {
        what: `SIGTERM to every process under ${perSecond} webhooks a second`,
        value: `${summary(result)}, ${duplicates} events repeated`,
        goal: "0 refused, 0 repeated",
        isReached:
          statuses.length === 0 &&
          result.repeated === 0 &&
          duplicates === 0 &&
          hasPace(result, perSecond),
      },
    ];
  });
}

/** For so many minutes the same load: what a leak would show. */
export function measureSoak(minutes: number, perSecond: number): Promise<Figure[]> {
  return withStage(async ({ installation, pinterest, load }) => {
    const samples: { at: number; rssMb: number }[] = [];
    const startedAt = Date.now();
    const sample = setInterval(async () => {
      const all = await Promise.all(installation.apps.map((each) => readRssMb(each.app().pid)));
      const rssMb = all.reduce((sum, one) => sum + one, 0);
      samples.push({ at: (Date.now() - startedAt) / MINUTE_MS, rssMb });
      const minute = (samples.at(-1)?.at ?? 0).toFixed(1);
      console.log(`${minute} min: ${rssMb.toFixed(0)} MB of all four processes`);
    }, SAMPLE_MS);
    const result = await load(perSecond, AbortSignal.timeout(minutes * MINUTE_MS));
    clearInterval(sample);
    await untilDrained(installation.db);
    printFaults(installation);
    const { duplicates, accepted } = await pinterest.ask<PinterestSummary>("summary");
    const warm = samples.filter(({ at }) => at >= minutes * WARM_SHARE);
    const slope = slopeOf(warm);
    const mean = warm.reduce((sum, { rssMb }) => sum + rssMb, 0) / warm.length;
    const share = (100 * slope * 10) / mean;
    const p99 = quantile(result.latenciesMs, 0.99);
    return [
      {
        what: `${minutes} minutes at ${perSecond} webhooks a second: memory`,
        value: `${share.toFixed(1)} % in 10 minutes, of ${mean.toFixed(0)} MB`,
        goal: "1 %",
        isReached: share <= 1,
      },
      {
        what: "and errors",
        value: `${summary(result)}, p99 ${p99.toFixed(0)} ms, ${accepted} at Pinterest, ${duplicates} repeated, ${installation.deaths.length} processes lost`,
        goal: "0",
        isReached:
          result.repeated === 0 &&
          duplicates === 0 &&
          installation.deaths.length === 0 &&
          hasPace(result, perSecond),
      },
    ];
  });
}

/** MB a minute, by least squares. */
function slopeOf(samples: readonly { at: number; rssMb: number }[]): number {
  const count = samples.length;
  const meanAt = samples.reduce((sum, { at }) => sum + at, 0) / count;
  const meanMb = samples.reduce((sum, { rssMb }) => sum + rssMb, 0) / count;
  const above = samples.reduce((sum, { at, rssMb }) => sum + (at - meanAt) * (rssMb - meanMb), 0);
  const below = samples.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  return below === 0 ? 0 : above / below;
}
