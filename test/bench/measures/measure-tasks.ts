import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readPeakRssMb } from "../process-usage.ts";
import type { PinterestSummary } from "../processes/local-pinterest.ts";
import { median, round } from "../quantile.ts";
import { PINTEREST_LATENCY_MS, type Sizes } from "../sizes.ts";
import { startProcess } from "../start-process.ts";

/** Events by hand, by the command line, as a process that starts, does its work and ends. */
export interface Tasks {
  batch: { events: number; accepted: number; requests: number; seconds: number; peak_mb: number };
  /** Milliseconds from start to exit: medians. */
  demo: { runs: number; send_event_ms: number; node_ms: number; limit_ms: number };
}

const CLI = fileURLToPath(new URL("../../../app/pinrelay.mjs", import.meta.url));
const TOKEN = "pina_token_of_the_bench";
const AD_ACCOUNT = "549755885175";
const LOOK_MS = 20;

export async function measureTasks({ batch, demoRuns }: Sizes["tasks"]): Promise<Tasks> {
  const folder = await mkdtemp(path.join(tmpdir(), "pinrelay-bench-tasks-"));
  try {
    return { batch: await sendBatch(folder, batch), demo: await startDemo(folder, demoRuns) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sendBatch(folder: string, count: number): Promise<Tasks["batch"]> {
  const pinterest = await startProcess<{ url: string }>("local-pinterest.ts", {
    LATENCY_MS: String(PINTEREST_LATENCY_MS),
  });
  try {
    const events = Array.from({ length: count }, (_, index) => ({
      eventName: "checkout",
      email: `shopper.${index}@example.com`,
      phone: "+4915112345678",
      value: "72.39",
      currency: "EUR",
      orderId: String(index),
      productId: `sku-${index % 500}`,
    }));
    const input = path.join(folder, "batch.json");
    await writeFile(input, JSON.stringify({ adAccountId: AD_ACCOUNT, events }));
    const startedAt = performance.now();
    const args = [CLI, "send_batch_events", "--input", input, "--token-env", "TOKEN", "--json"];
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH, TOKEN, PINTEREST_API_URL: pinterest.ready.url },
      stdio: ["ignore", "ignore", "inherit"],
    });
    let peak = 0;
    const look = setInterval(async () => {
      peak = Math.max(peak, await readPeakRssMb(child.pid ?? 0));
    }, LOOK_MS);
    await once(child, "exit");
    clearInterval(look);
    const seconds = (performance.now() - startedAt) / 1_000;
    const { accepted, requests } = await pinterest.ask<PinterestSummary>("summary");
    return { events: count, accepted, requests, seconds: round(seconds, 2), peak_mb: round(peak) };
  } finally {
    await pinterest.stop();
  }
}

/** In turns, so that a busy moment of the machine meets both. */
async function startDemo(folder: string, runs: number): Promise<Tasks["demo"]> {
  const input = path.join(folder, "event.json");
  await writeFile(input, JSON.stringify({ email: "shopper@example.com", value: "72.39" }));
  const demo: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    bare.push(await timeNode(["-e", "0"]));
    demo.push(await timeNode([CLI, "send_event", "--input", input, "--demo", "--json"]));
  }
  const nodeMs = median(bare);
  return {
    runs,
    send_event_ms: round(median(demo)),
    node_ms: round(nodeMs),
    limit_ms: round(1.5 * nodeMs + 300),
  };
}

async function timeNode(args: string[]): Promise<number> {
  const startedAt = performance.now();
  await promisify(execFile)(process.execPath, args, { env: { PATH: process.env.PATH } });
  return performance.now() - startedAt;
}
