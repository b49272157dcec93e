import {
  type Attributes,
  DiagLogLevel,
  diag,
  type Link,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Registry } from "prom-client";
import type { TelemetryConfig } from "#app/platform/env/telemetry-env.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { resultWithin } from "#app/platform/result-within.server.ts";
import {
  type OpenSpan,
  recordSpans,
  type SpanFields,
  type SpanStart,
} from "#app/platform/trace.server.ts";
import { readRegistry } from "./read-registry.server.ts";

interface TelemetryServices {
  config: TelemetryConfig;
  signals: { traces: boolean; metrics: boolean };
  registry: Registry;
  log: Logger;
  role: string;
}

/** A receiver that is away must not keep the process. */
const EXPORTED_WITHIN_MS = 3_000;
const WARN_EVERY_MS = 60_000;

/** Exports by OTLP over HTTP. The exporters read the rest of the OTEL_ variables themselves. */
export function openTelemetry({ config, signals, registry, log, role }: TelemetryServices): {
  close(): Promise<void>;
} {
  reportFaults(log);
  const resource = defaultResource()
    .merge(resourceFromAttributes({ "service.name": "pinrelay", "pinrelay.role": role }))
    .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }));
  const providers: { shutdown(): Promise<void> }[] = [];
  if (signals.traces) providers.push(exportSpans(config, resource));
  if (signals.metrics) {
    const reader = new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(),
      exportIntervalMillis: config.OTEL_METRIC_EXPORT_INTERVAL,
      exportTimeoutMillis: Math.min(10_000, config.OTEL_METRIC_EXPORT_INTERVAL),
      metricProducers: [{ collect: () => readRegistry(registry, resource) }],
    });
    providers.push(new MeterProvider({ resource, readers: [reader] }));
  }
  return {
    async close() {
      recordSpans(null);
      await resultWithin(EXPORTED_WITHIN_MS, () =>
        Promise.all(providers.map((provider) => provider.shutdown())),
      );
    },
  };
}

/** A receiver that is away is one line a minute, and nothing waits for it. */
function reportFaults(log: Logger): void {
  let quietUntil = 0;
  const report = (message: string) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + WARN_EVERY_MS;
    log.warn({ library: "opentelemetry", detail: message }, "traces or metrics are not exported");
  };
  const silent = () => {};
  const logger = { error: report, warn: report, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

function exportSpans(config: TelemetryConfig, resource: Resource): TracerProvider {
  const provider = new TracerProvider({
    resource,
    sampler: createSampler(config),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        scheduledDelayMillis: config.OTEL_BSP_SCHEDULE_DELAY,
      }),
    ],
  });
  const tracer = provider.getTracer("pinrelay");
  const contexts = new WeakMap<OpenSpan, Link["context"]>();
  recordSpans(({ name, fields, parent, links, startedAtMs }: SpanStart) => {
    const parentContext = parent && contexts.get(parent);
    const span = tracer.startSpan(
      name,
      {
        kind: KINDS[name] ?? SpanKind.INTERNAL,
        attributes: toAttributes(fields),
        links: links.flatMap((one) => {
          const context = contexts.get(one);
          return context === undefined ? [] : [{ context }];
        }),
        ...(startedAtMs !== undefined && { startTime: startedAtMs }),
      },
      parentContext ? trace.setSpanContext(ROOT_CONTEXT, parentContext) : ROOT_CONTEXT,
    );
    const open: OpenSpan = {
      traceId: span.spanContext().traceId,
      set: (more) => void span.setAttributes(toAttributes(more)),
      // No words: an error's text is for the log, which scrubs it.
      fail: () => void span.setStatus({ code: 2 }),
      end: () => span.end(),
    };
    contexts.set(open, span.spanContext());
    return open;
  });
  return provider;
}

const KINDS: Partial<Record<SpanStart["name"], SpanKind>> = {
  request: SpanKind.SERVER,
  "send batch": SpanKind.CLIENT,
  "ask Shopify": SpanKind.CLIENT,
  job: SpanKind.CONSUMER,
};

const STANDARD: ReadonlyMap<string, string> = new Map<keyof SpanFields, string>([
  ["method", "http.request.method"],
  ["route", "http.route"],
  ["httpStatus", "http.response.status_code"],
]);

function toAttributes(fields: SpanFields): Attributes {
  const entries = Object.entries(fields).flatMap(([name, value]) => {
    if (value === null || value === undefined || typeof value === "object") return [];
    return [[STANDARD.get(name) ?? `pinrelay.${name}`, value] as const];
  });
  return Object.fromEntries(entries);
}

function createSampler({
  OTEL_TRACES_SAMPLER: name,
  OTEL_TRACES_SAMPLER_ARG: ratio,
}: TelemetryConfig): Sampler {
  const root = createRootSampler(name, ratio);
  return name.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}

function createRootSampler(name: TelemetryConfig["OTEL_TRACES_SAMPLER"], ratio: number): Sampler {
  if (name.endsWith("always_on")) return new AlwaysOnSampler();
  return name.endsWith("always_off") ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio);
}
