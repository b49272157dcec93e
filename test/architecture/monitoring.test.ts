import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { createRegistry } from "#app/platform/metrics.server.ts";
import { listFiles, readText } from "./repository-files.ts";

const RULES = "docs/monitoring/alerts.yaml";
const DASHBOARD = "docs/monitoring/dashboard.json";
const operations = readText("docs/operations.md");

interface Metric {
  name: string;
  type: string;
  labels: string[];
}

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { runbook: string };
}

/** What follows `new Counter(`, `registerCounter(registry, ` or `registerDatabaseGauge(registry, log, `. */
const DECLARED =
  /(?:new (Counter|Gauge|Histogram)\(|(registerCounter)\(\w+, |(?:registerDatabaseGauge)\(\w+, \w+, )\{\s*name: "(\w+)",\s*help:\s*(?:"[^"]+"|`[^`]+`),(?:\s*labelNames: \[([^\]]*)\],)?/g;

/** Every metric that the code declares, beside Node's own. */
const metrics: Metric[] = listFiles()
  .filter((file) => file.startsWith("app/") && file.endsWith(".server.ts"))
  .flatMap((file) => [...readText(file).matchAll(DECLARED)])
  .map(([, type, registerCounter, name = "", labels = ""]) => ({
    name,
    type: (type ?? (registerCounter === undefined ? "Gauge" : "Counter")).toLowerCase(),
    labels: [...labels.matchAll(/"(\w+)"/g)].map(([, label]) => label as string),
  }));

/** Every series that a query may name, and its labels. */
async function listSeries(): Promise<Map<string, string[]>> {
  const own = await createRegistry().getMetricsAsJSON();
  const series = own.map(({ name }) => [name, []] as [string, string[]]);
  for (const { name, type, labels } of metrics) {
    if (type !== "histogram") series.push([name, labels]);
    else
      for (const end of ["_bucket", "_sum", "_count"]) {
        series.push([name + end, end === "_bucket" ? [...labels, "le"] : labels]);
      }
  }
  return new Map(series);
}

/** What Prometheus itself adds to each series. */
const TARGET_LABELS = ["instance", "job"];

/** What is wrong with a query: its form, or a series or label that no process has. */
function faultsOf(query: string, series: Map<string, string[]>): string[] {
  const faults: string[] = [];
  const names: string[] = [];
  const labels: string[] = [];
  parser.parse(query).iterate({
    enter({ type, from, to, node }) {
      const text = query.slice(from, to);
      if (type.isError) faults.push(`no PromQL at ${from}: ${query}`);
      if (type.name === "VectorSelector") {
        const name = node.getChild("Identifier");
        names.push(name === null ? "" : query.slice(name.from, name.to));
      }
      if (type.name === "LabelName") labels.push(text);
    },
  });
  if (names.length === 0) faults.push(`no series: ${query}`);
  faults.push(...names.filter((name) => !series.has(name)).map((name) => `no metric ${name}`));
  const known = [...names.flatMap((name) => series.get(name) ?? []), ...TARGET_LABELS];
  faults.push(...labels.filter((one) => !known.includes(one)).map((one) => `no label ${one}`));
  return faults;
}

const rules: Rule[] = parseYaml(readText(RULES)).groups.flatMap(
  ({ rules: given }: { rules: Rule[] }) => given,
);

/** GitHub's anchor of a heading. */
const toAnchor = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
const sections = new Map(
  operations
    .split(/^## /m)
    .slice(1)
    .map((section) => [toAnchor(section.split("\n", 1)[0] ?? ""), section]),
);

describe("a metric", () => {
  it("is declared in the form that this test reads", () => {
    const calls = listFiles()
      .filter((file) => file.startsWith("app/") && file !== "app/platform/metrics.server.ts")
      .flatMap(
        (file) =>
          readText(file).match(
            /new (Counter|Gauge|Histogram)\(|registerCounter\(|registerDatabaseGauge\(/g,
          ) ?? [],
      );
    expect(metrics).toHaveLength(calls.length);
    expect(metrics.length).toBeGreaterThan(25);
  });

  it.each(metrics)(
    "$name stands in docs/operations.md, with its labels, type and meaning",
    (metric) => {
      const { name, type, labels } = metric;
      const form = labels.length === 0 ? name : `${name}{${labels.join(",")}}`;
      expect(sections.get("metrics")).toMatch(
        new RegExp(`^\\| \`${form}\` \\| ${type} \\| .{20,} \\|$`, "m"),
      );
    },
  );

  it("has no label by which there would be a series for each shop", () => {
    const named = metrics
      .flatMap(({ labels }) => labels)
      .filter((label) => /shop|account|domain/.test(label));
    expect(named).toEqual([]);
  });

  it("that the page names is there", () => {
    const rows = [...(sections.get("metrics") ?? "").matchAll(/^\| `(\w+)/gm)].map(
      ([, name]) => name,
    );
    expect(rows.sort()).toEqual(metrics.map(({ name }) => name).sort());
  });
});

describe("an alert rule", () => {
  it.each(rules)(
    "$alert asks for series that exist, and leads to a section that names it",
    async (rule) => {
      expect(faultsOf(rule.expr, await listSeries())).toEqual([]);
      expect(["page", "ticket"]).toContain(rule.labels.severity);
      const [file, anchor = ""] = rule.annotations.runbook.split("#");
      expect(file).toBe("docs/operations.md");
      expect([...sections.keys()]).toContain(anchor);
      // The first table leads from the alert to the section.
      const row = operations
        .split("\n")
        .find((line) => line.startsWith("| ") && line.endsWith(`(#${anchor}) |`));
      expect(row).toContain(rule.alert.replace(/(Fast|Slow)$/, ""));
    },
  );
});

describe("the dashboard", () => {
  const panels: { title: string; targets?: { expr: string }[] }[] = JSON.parse(
    readText(DASHBOARD),
  ).panels;
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  it.each(queries)("asks for series that exist: %s", async (query) => {
    expect(faultsOf(query, await listSeries())).toEqual([]);
  });

  it("shows every metric", () => {
    expect(
      metrics
        .map(({ name }) => name)
        .filter((name) => !queries.some((query) => query.includes(name))),
    ).toEqual([]);
  });
});

describe("a query", () => {
  it.each([
    ["sum(rate(webhook_recieved_total[5m]))", "no metric webhook_recieved_total"],
    ['sum(rate(webhook_received_total{shop="x"}[5m]))', "no label shop"],
    ["sum by (reslt) (rate(webhook_received_total[5m]))", "no label reslt"],
    [
      "sum(rate(webhook_received_total[5m])",
      "no PromQL at 36: sum(rate(webhook_received_total[5m])",
    ],
  ])("%s would be refused", async (query, fault) => {
    expect(faultsOf(query, await listSeries())).toContain(fault);
  });
});
