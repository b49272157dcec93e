import type { Registry } from "prom-client";
import { findSignals, type TelemetryConfig } from "#app/platform/env/telemetry-env.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";

export interface Telemetry {
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Starts the export that the environment asks for. Without one, OpenTelemetry is not even loaded. */
export async function startTelemetry(services: {
  config: TelemetryConfig & { PINRELAY_ROLE: string };
  registry: Registry;
  log: Logger;
}): Promise<Telemetry> {
  const { config } = services;
  const signals = findSignals(config);
  if (!signals.traces && !signals.metrics) return { close: async () => {} };
  const { openTelemetry } = await import("./open-telemetry.server.ts");
  return openTelemetry({ ...services, signals, role: config.PINRELAY_ROLE });
}
