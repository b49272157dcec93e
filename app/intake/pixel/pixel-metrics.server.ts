import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** The metrics of `/pixel`. No label names a shop, and none is made of what a caller sends. */
export function createPixelMetrics(registry: Registry, oldestInHandSeconds: () => number) {
  const registers = [registry];
  new Gauge({
    name: "pixel_oldest_in_hand_seconds",
    help: "Age of the oldest body that is not answered yet",
    registers,
    collect() {
      this.set(oldestInHandSeconds());
    },
  });
  const received = new Counter({
    name: "pixel_received_total",
    help: "Bodies of the web pixel by what became of them",
    labelNames: ["result"],
    registers,
  });
  return {
    countReceived: (result: string) => received.inc({ result }),
    ackSeconds: new Histogram({
      name: "pixel_ack_duration_seconds",
      help: "From the request to the answer",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    groupRows: new Histogram({
      name: "pixel_batch_rows",
      help: "Bodies of the web pixel stored in one commit",
      buckets: [1, 2, 5, 10, 25, 50, 100, 200, 400],
      registers,
    }),
  };
}

export type PixelMetrics = ReturnType<typeof createPixelMetrics>;
