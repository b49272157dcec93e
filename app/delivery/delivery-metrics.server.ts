import { Counter, Histogram, type Registry } from "prom-client";

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
