import { collectDefaultMetrics, Registry } from "prom-client";

/** A registry for this process (not prom-client's global one) with Node's default metrics. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
