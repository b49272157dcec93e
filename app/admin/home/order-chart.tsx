import { BlockStack, Button, DataTable, InlineStack, Link, Text } from "@shopify/polaris";
import { useId, useState } from "react";
import type { Chart, ChartDay, ChartSeries } from "./describe-chart.server.ts";
import { homeTexts } from "./texts.ts";

/** The parts of a bar, from the ground up. */
const CHART_SERIES = [
  "accepted",
  "notSent",
  "waiting",
  "problem",
] as const satisfies readonly ChartSeries[];

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

interface ChartBarsProps {
  days: ChartDay[];
  /** The width of the drawing, in its own units; the height is fixed. */
  width: number;
  className: string;
  /** Id of the text that says what is to be seen. */
  labelledBy: string;
}

const HEIGHT = 180;
const TOP = 14;
const BOTTOM = 24;
const LEFT = 36;
const PLOT = HEIGHT - TOP - BOTTOM;
/** A date and what stands beside it. */
const LABEL_WIDTH = 95;

/** Stacked bars, one a day, with Shopify's number of orders as an outline. */
function ChartBars({ days, width, className, labelledBy }: ChartBarsProps) {
  const id = useId().replaceAll(":", "");
  const most = Math.max(1, ...days.map(({ orders }) => orders));
  const step = (width - LEFT) / days.length;
  const every = Math.ceil((days.length * LABEL_WIDTH) / (width - LEFT));
  const middle = most > 1 ? [Math.floor(most / 2)] : [];
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: the text that it is labelled by is in the page
    <svg
      className={className}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-labelledby={labelledBy}
    >
      <ChartPatterns id={id} />
      {[0, ...middle, most].map((n) => (
        <g key={n}>
          <line className="chart-axis" x1={LEFT} x2={width} y1={toY(n, most)} y2={toY(n, most)} />
          <text x={LEFT - 6} y={toY(n, most) + 4} textAnchor="end">
            {n}
          </text>
        </g>
      ))}
      {days.map((day, place) => (
        <g key={day.day}>
          <Bar day={day} x={LEFT + place * step} step={step} most={most} id={id} />
          {(days.length - 1 - place) % every === 0 && (
            <text
              x={place === days.length - 1 ? width : LEFT + (place + 0.5) * step}
              y={HEIGHT - 6}
              textAnchor={place === days.length - 1 ? "end" : "middle"}
            >
              {day.label}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}

interface BarProps {
  day: ChartDay;
  x: number;
  step: number;
  most: number;
  /** Begins the ids of the patterns. */
  id: string;
}

function Bar({ day, x, step, most, id }: BarProps) {
  const width = Math.min(40, step * 0.7);
  const left = x + (step - width) / 2;
  return (
    <>
      {CHART_SERIES.map((series, place) => {
        const below = CHART_SERIES.slice(0, place).reduce((sum, name) => sum + day[name], 0);
        const height = (day[series] / most) * PLOT;
        return day[series] === 0 ? null : (
          <rect
            key={series}
            className={`chart-${series}`}
            data-day={day.day}
            data-series={series}
            data-count={day[series]}
            x={left}
            y={toY(below + day[series], most)}
            width={width}
            // A gap between two parts, wherever there is room for one.
            height={Math.max(1, height - 2)}
            {...chooseFill(id, series)}
          />
        );
      })}
      {day.orders > 0 && (
        <rect
          className="chart-orders"
          data-day={day.day}
          data-series="orders"
          data-count={day.orders}
          x={left - 3}
          y={toY(day.orders, most) - 3}
          width={width + 6}
          height={(day.orders / most) * PLOT + 3}
        />
      )}
    </>
  );
}

function toY(n: number, most: number): number {
  return TOP + PLOT * (1 - n / most);
}

/** A part of a bar, for the legend. */
function ChartSwatch({ series }: { series: ChartSeries | "orders" }) {
  const id = useId().replaceAll(":", "");
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <ChartPatterns id={id} />
      <rect
        className={`chart-${series}`}
        x="1"
        y="1"
        width="14"
        height="14"
        {...(series === "orders" ? {} : chooseFill(id, series))}
      />
    </svg>
  );
}

/** Fills that differ also without color; `id` begins the ids of one drawing. */
function ChartPatterns({ id }: { id: string }) {
  return (
    <defs>
      <pattern
        id={`${id}-notSent`}
        className="chart-notSent"
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line x1="0" y1="0" x2="0" y2="6" strokeWidth="2" />
      </pattern>
      <pattern
        id={`${id}-waiting`}
        className="chart-waiting"
        width="5"
        height="5"
        patternUnits="userSpaceOnUse"
      >
        <circle cx="2.5" cy="2.5" r="0.75" strokeWidth="1" />
      </pattern>
      <pattern
        id={`${id}-problem`}
        className="chart-problem"
        width="5"
        height="5"
        patternUnits="userSpaceOnUse"
      >
        <path d="M0 0 L5 5 M5 0 L0 5" strokeWidth="1.5" />
      </pattern>
    </defs>
  );
}

/** `fill` of a series; solid where the class says it. */
function chooseFill(id: string, series: ChartSeries): { fill?: string } {
  return series === "accepted" ? {} : { fill: `url(#${id}-${series})` };
}
