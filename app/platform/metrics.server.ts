import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Logger } from "./logger.server.ts";

/** A registry for this process (not prom-client's global one) with Node's default metrics. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

export interface Sample {
  labels?: Record<string, string>;
  value: number;
}

interface DatabaseGauge {
  name: string;
  help: string;
  labelNames?: string[];
  read: () => Promise<readonly Sample[]>;
}

const FRESH_MS = 5_000;
/** Reading a large table takes a while: at most a twentieth of the time is spent on it. */
const REST_FACTOR = 20;

/**
 * A gauge that each process reads from the database, however often it is scraped. What cannot be
 * read has no sample: an old one would look like a quiet day.
 */
export function registerDatabaseGauge(
  registry: Registry,
  log: Logger,
  { read, ...gauge }: DatabaseGauge,
): void {
  const remembered = rememberResult(() =>
    read().catch((error: unknown) => {
      log.warn({ err: error, detail: gauge.name }, "a gauge could not be read");
      return [];
    }),
  );
  new Gauge({
    ...gauge,
    registers: [registry],
    async collect() {
      const samples = await remembered();
      this.reset();
      // One without labels would else start at 0.
      if (samples.length === 0 && gauge.labelNames === undefined) this.remove();
      for (const { labels = {}, value } of samples) this.set(labels, value);
    },
  });
}

/** Shares one result, and one work that is under way, for a time that grows with the work's. */
export function rememberResult<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let reading: Promise<Result> | null = null;
  let freshUntil = 0;

  async function read(): Promise<Result> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      const now = performance.now();
      freshUntil = now + Math.max(FRESH_MS, (now - startedAt) * REST_FACTOR);
    }
  }

  return () => {
    if (reading === null || performance.now() > freshUntil) {
      freshUntil = Number.POSITIVE_INFINITY;
      reading = read();
    }
    return reading;
  };
}

/**
 * A counter of the registry, made the first time. What starts the worker runs again after a failure:
 * to make one a second time throws, and the worker would never start.
 */
export function registerCounter<Label extends string = string>(
  registry: Registry | undefined,
  { name, help, labelNames = [] }: { name: string; help: string; labelNames?: readonly Label[] },
): Counter<Label> {
  const known = registry?.getSingleMetric(name);
  if (known instanceof Counter) return known;
  return new Counter({
    name,
    help,
    labelNames,
    registers: registry === undefined ? [] : [registry],
  });
}
