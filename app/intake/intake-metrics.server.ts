import { Counter, Histogram, type Registry } from "prom-client";

/** The metrics of intake. No label names a shop: there are too many. */
export function createIntakeMetrics(registry: Registry) {
  const registers = [registry];
  const received = new Counter({
    name: "webhook_received_total",
    help: "Webhooks by topic and what became of them",
    labelNames: ["topic", "result"],
    registers,
  });
  /** Counters by topic and result: looking a child up by its labels costs more than counting. */
  const children = new Map<string, Counter.Internal>();
  let refused = 0;
  return {
    /** How many webhooks were sent back for Shopify to send again. */
    refused: () => refused,
    /** `topic`: one of ours, or `other`: outsiders must not create labels. */
    countReceived(topic: string, result: string): void {
      if (result === "not_stored" || result === "overloaded") refused += 1;
      const key = `${topic} ${result}`;
      let child = children.get(key);
      if (child === undefined) {
        child = received.labels({ topic, result });
        children.set(key, child);
      }
      child.inc();
    },
    ackSeconds: new Histogram({
      name: "webhook_ack_duration_seconds",
      help: "From the request to the answer; Shopify waits 5 s",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    badSignatures: new Counter({
      name: "webhook_hmac_failures_total",
      help: "Signatures of webhooks that did not fit, by secret: `all`, missing or wrong; `current`, made by the previous secret",
      labelNames: ["key_id"],
      registers,
    }),
    groupRows: new Histogram({
      name: "ingest_batch_rows",
      help: "Webhooks stored in one commit",
      buckets: [1, 2, 5, 10, 25, 50, 100, 200],
      registers,
    }),
  };
}

export type IntakeMetrics = ReturnType<typeof createIntakeMetrics>;
