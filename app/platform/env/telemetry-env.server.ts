import { z } from "zod";

const isUrl = (value: string) =>
  URL.canParse(value) && ["http:", "https:"].includes(new URL(value).protocol);
const endpoint = z.string().refine(isUrl, "must be an http:// or https:// URL").optional();
const exporter = z.enum(["otlp", "none"], "must be otlp or none").optional();
const protocol = z
  .literal("http/protobuf", "must be http/protobuf: give the receiver's port for HTTP, mostly 4318")
  .optional();
const milliseconds = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform(Number)
    .refine((ms) => Number.isInteger(ms) && ms >= 100, "must be milliseconds, 100 or more");
const SAMPLERS = ["always_on", "always_off", "traceidratio"] as const;

/**
 * The standard variables of OpenTelemetry that decide whether and what is exported. The exporters
 * read the others themselves: headers, compression, timeout, certificates, resource.
 */
export const TELEMETRY_VARIABLES = {
  OTEL_SDK_DISABLED: z.enum(["true", "false"], "must be true or false").default("false"),
  OTEL_TRACES_EXPORTER: exporter,
  OTEL_METRICS_EXPORTER: exporter,
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: protocol,
  OTEL_TRACES_SAMPLER: z
    .enum(
      [...SAMPLERS, ...SAMPLERS.map((name) => `parentbased_${name}` as const)],
      "must be always_on, always_off or traceidratio, or one of these after parentbased_",
    )
    .default("parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .default("1")
    .transform(Number)
    .refine((ratio) => ratio >= 0 && ratio <= 1, "must be a number from 0 to 1"),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds("5000"),
  OTEL_METRIC_EXPORT_INTERVAL: milliseconds("60000"),
};

export type TelemetryConfig = z.infer<z.ZodObject<typeof TELEMETRY_VARIABLES>>;

/** What is exported: nothing, unless an endpoint or an exporter is named. */
export function findSignals(config: TelemetryConfig): { traces: boolean; metrics: boolean } {
  const isOn = (chosen: "otlp" | "none" | undefined, own: string | undefined) => {
    if (config.OTEL_SDK_DISABLED === "true" || chosen === "none") return false;
    return (chosen ?? own ?? config.OTEL_EXPORTER_OTLP_ENDPOINT) !== undefined;
  };
  return {
    traces: isOn(config.OTEL_TRACES_EXPORTER, config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT),
    metrics: isOn(config.OTEL_METRICS_EXPORTER, config.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT),
  };
}
