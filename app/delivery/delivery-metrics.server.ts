import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { type Backlog, readBacklog } from "#app/outbox/event-gauges.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { rememberResult } from "#app/platform/metrics.server.ts";
import type { PinterestBreaker } from "./pinterest-breaker.server.ts";

/** The metrics of delivery. No label names a shop or an ad account: there are too many. */
export function createDeliveryMetrics(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Counter({
      name: "pinterest_requests_total",
      help: "Requests to Pinterest's events endpoint by status class (2xx, 4xx, 5xx, none) and status",
      labelNames: ["status_class", "code"],
      registers,
    }),
    requestSeconds: new Histogram({
      name: "pinterest_request_duration_seconds",
      help: "Time from request to answer",
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    batchEvents: new Histogram({
      name: "pinterest_batch_events",
      help: "Events in one request",
      buckets: [1, 2, 5, 10, 50, 100, 500, 1_000],
      registers,
    }),
    events: new Counter({
      name: "pinterest_events_total",
      help: "Events by what became of them: accepted, rejected, expired, retry",
      labelNames: ["outcome"],
      registers,
    }),
    latencySeconds: new Histogram({
      name: "event_delivery_latency_seconds",
      help: "From a webhook's commit to Pinterest's acceptance",
      buckets: [0.5, 1, 2, 5, 15, 60, 300, 900, 3_600, 21_600],
      registers,
    }),
    staleLeases: new Counter({
      name: "lease_expired_total",
      help: "Leases that ended before their batch was settled",
      registers,
    }),
    leasesTakenOver: new Counter({
      name: "lease_taken_over_total",
      help: "Leases that ran out because their worker died or hung, and that this process took over",
      registers,
    }),
    turnFaults: new Counter({
      name: "delivery_turn_faults_total",
      help: "Turns of an ad account that ended by a fault of ours",
      registers,
    }),
    pauses: new Counter({
      name: "connection_paused_total",
      help: "Connections paused because Pinterest refused the token or the role",
      labelNames: ["reason"],
      registers,
    }),
  };
}

export type DeliveryMetrics = ReturnType<typeof createDeliveryMetrics>;

/** The state of this process's delivery loop; null in a process that does not deliver. */
export interface DeliveryProgress {
  /** When it last claimed, or skipped a claim because Pinterest is unwell, by the process's clock. */
  claimedAtMs: number | null;
}

interface GaugeServices {
  db: Pick<Database, "pool" | "transaction">;
  log: Logger;
  breaker: PinterestBreaker;
  progress: DeliveryProgress;
  nowMs: () => number;
}

const BREAKER_VALUES = { closed: 0, probe: 1, open: 2 } as const;

/** Gauges that show that sending has stopped: counters do not change then. */
export function registerDeliveryGauges(registry: Registry, services: GaugeServices): void {
  const { db, breaker, progress, nowMs } = services;
  const backlog = rememberBacklog(services);
  const registers = [registry];
  new Gauge({
    name: "events_waiting",
    help: "Events of shops that send that wait to be sent",
    registers,
    async collect() {
      setOrLeave(this, (await backlog())?.events);
    },
  });
  new Gauge({
    name: "event_oldest_waiting_seconds",
    help: "Age of the oldest of them; after an hour Pinterest counts a web event as offline",
    registers,
    async collect() {
      setOrLeave(this, (await backlog())?.oldestSeconds);
    },
  });
  new Gauge({
    name: "database_pool_connections",
    help: "Connections of the process's pool: open, of these idle, and who waits for one",
    labelNames: ["state"],
    registers,
    collect() {
      const { totalCount, idleCount, waitingCount } = db.pool;
      this.set({ state: "open" }, totalCount);
      this.set({ state: "idle" }, idleCount);
      this.set({ state: "waiting" }, waitingCount);
    },
  });
  new Gauge({
    name: "pinterest_breaker_state",
    help: "0: requests go to Pinterest; 1: one may go, to see whether it is back; 2: none",
    registers,
    collect() {
      this.set(BREAKER_VALUES[breaker.state()]);
    },
  });
  new Gauge({
    name: "delivery_last_claim_age_seconds",
    help: "Since this process last asked for ad accounts that are due",
    registers,
    collect() {
      const { claimedAtMs } = progress;
      setOrLeave(this, claimedAtMs === null ? undefined : (nowMs() - claimedAtMs) / 1_000);
    },
  });
}

/** A missing value removes the sample: an old one would look like a quiet day. */
function setOrLeave(gauge: Gauge, value: number | undefined): void {
  gauge.reset();
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}

function rememberBacklog({ db, log }: GaugeServices): () => Promise<Backlog | null> {
  return rememberResult(() =>
    readBacklog({ db }).catch((error: unknown) => {
      log.warn({ err: error }, "the backlog could not be read");
      return null;
    }),
  );
}
