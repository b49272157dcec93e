import { BlockStack, Button, DataTable, InlineStack, Link, Text } from "@shopify/polaris";
import { useState } from "react";
import { ChartBars, ChartSwatch } from "./chart-bars.tsx";
import { homeTexts } from "./texts.ts";
import { CHART_SERIES, type Chart } from "./view.ts";
import "./chart.css";

const texts = homeTexts.chart;
const FINDING = "chart-finding";
const PHONE_DAYS = 7;

/** The orders by day: as bars, or the same numbers as a table. */
export function OrderChart({ chart }: { chart: Chart }) {
  const [isTable, setIsTable] = useState(false);
  return (
    <figure className="chart">
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <figcaption id={FINDING}>{chart.finding}</figcaption>
          <Button variant="plain" onClick={() => setIsTable(!isTable)}>
            {isTable ? texts.hide : texts.show}
          </Button>
        </InlineStack>
        {isTable ? <ChartTable {...chart} /> : <Drawing {...chart} />}
      </BlockStack>
    </figure>
  );
}

function Drawing({ days, isCounted }: Chart) {
  const series = [...CHART_SERIES, "orders"] as const;
  const named = { ...texts, orders: isCounted ? texts.orders : texts.received };
  return (
    <>
      <ChartBars days={days} width={900} className="chart-wide" labelledBy={FINDING} />
      <ChartBars
        days={days.slice(-PHONE_DAYS)}
        width={320}
        className="chart-narrow"
        labelledBy={FINDING}
      />
      <ul className="chart-legend">
        {series.map((name) => (
          <li key={name}>
            <ChartSwatch series={name} />
            <Text as="span" variant="bodySm">
              {named[name]}
            </Text>
          </li>
        ))}
      </ul>
    </>
  );
}

function ChartTable({ days, isCounted }: Chart) {
  const columns = ["orders", ...CHART_SERIES, "missing"] as const;
  const named = { ...texts, orders: isCounted ? texts.orders : texts.received };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keyboard
    <section aria-label={texts.table} tabIndex={0}>
      <DataTable
        columnContentTypes={["text", ...columns.map(() => "numeric" as const)]}
        headings={[texts.day, ...columns.map((name) => named[name])]}
        rows={days.toReversed().map((day) => [
          <Link key={day.day} url={day.url}>
            {day.label}
          </Link>,
          ...columns.map((name) => day.written[name]),
        ])}
      />
    </section>
  );
}
