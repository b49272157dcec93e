import { type HrTime, ValueType } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import type { MetricObjectWithValues, MetricValue, Registry } from "prom-client";

type Metric = MetricObjectWithValues<MetricValueWithName<string>>;
type MetricValueWithName<T extends string> = MetricValue<T> & { metricName?: string };

const STARTED_AT = toTime(Date.now() - process.uptime() * 1_000);

/** The metrics of `/metrics` as OpenTelemetry's: each is counted once for all readers. */
export async function readRegistry(
  registry: Registry,
  resource: Resource,
): Promise<CollectionResult> {
  const now = toTime(Date.now());
  const all = (await registry.getMetricsAsJSON()) as unknown as Metric[];
  const metrics = all.flatMap((metric) => toMetricData(metric, now) ?? []);
  const scopeMetrics = [{ scope: { name: "pinrelay" }, metrics }];
  return { resourceMetrics: { resource, scopeMetrics }, errors: [] };
}

function toMetricData({ name, help, type, values }: Metric, now: HrTime): MetricData | null {
  const shared = {
    descriptor: { name, description: help, unit: findUnit(name), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const times = { startTime: STARTED_AT, endTime: now };
  const toPoint = ({ labels, value }: MetricValueWithName<string>) => ({
    ...times,
    attributes: toTexts(labels),
    value,
  });
  switch (String(type)) {
    case "counter":
      return {
        ...shared,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: values.map(toPoint),
      };
    case "gauge":
      return { ...shared, dataPointType: DataPointType.GAUGE, dataPoints: values.map(toPoint) };
    case "histogram":
      return {
        ...shared,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: [...groupByLabels(values).values()].map((group) => ({
          ...times,
          ...toHistogram(group),
        })),
      };
    default:
      return null;
  }
}

function groupByLabels(values: readonly MetricValueWithName<string>[]) {
  return Map.groupBy(values, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
}

/** Prometheus counts what is at most a bound; OpenTelemetry what is between two. */
function toHistogram(group: readonly MetricValueWithName<string>[]) {
  const { le: _, ...labels } = group[0]?.labels ?? {};
  const findEnding = (end: string) =>
    group.find(({ metricName = "" }) => metricName.endsWith(end))?.value ?? 0;
  const buckets = group
    .filter(({ metricName = "" }) => metricName.endsWith("_bucket"))
    .map(({ labels: own, value }) => ({ bound: Number(own.le ?? Number.NaN), value }))
    .filter(({ bound }) => Number.isFinite(bound));
  const count = findEnding("_count");
  const upTo = [...buckets.map(({ value }) => value), count];
  return {
    attributes: toTexts(labels),
    value: {
      sum: findEnding("_sum"),
      count,
      buckets: {
        boundaries: buckets.map(({ bound }) => bound),
        counts: upTo.map((value, index) => value - (upTo[index - 1] ?? 0)),
      },
    },
  };
}

function toTexts(labels: Partial<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

function findUnit(name: string): string {
  if (/_seconds(_total)?$/.test(name)) return "s";
  return /_bytes(_total)?$/.test(name) ? "By" : "";
}

function toTime(ms: number): HrTime {
  return [Math.floor(ms / 1_000), Math.floor((ms % 1_000) * 1e6)];
}
