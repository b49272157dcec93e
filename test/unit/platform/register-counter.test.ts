import { expect, test } from "vitest";
import { createRegistry, registerCounter } from "#app/platform/metrics.server.ts";

test("a worker that is started again after a failure goes on with the counters it has", async () => {
  const registry = createRegistry();
  const events = { name: "events_counted_total", help: "Events" };
  registerCounter(registry, events).inc();
  registerCounter(registry, events).inc();
  expect(await registry.getSingleMetricAsString(events.name)).toContain("events_counted_total 2");
});
