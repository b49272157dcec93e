import { useId } from "react";
import { ChartPatterns, fillOf } from "./chart-patterns.tsx";
import { CHART_SERIES, type ChartDay, type ChartSeries } from "./view.ts";

interface ChartBarsProps {
  days: ChartDay[];
  /** Of the drawing, in its own units; the height is fixed. */
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
export function ChartBars({ days, width, className, labelledBy }: ChartBarsProps) {
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
          <line className="chart-axis" x1={LEFT} x2={width} y1={yOf(n, most)} y2={yOf(n, most)} />
          <text x={LEFT - 6} y={yOf(n, most) + 4} textAnchor="end">
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
            y={yOf(below + day[series], most)}
            width={width}
            // A gap between two parts, wherever there is room for one.
            height={Math.max(1, height - 2)}
            {...fillOf(id, series)}
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
          y={yOf(day.orders, most) - 3}
          width={width + 6}
          height={(day.orders / most) * PLOT + 3}
        />
      )}
    </>
  );
}

function yOf(n: number, most: number): number {
  return TOP + PLOT * (1 - n / most);
}

/** A part of a bar, for the legend. */
export function ChartSwatch({ series }: { series: ChartSeries | "orders" }) {
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
        {...(series === "orders" ? {} : fillOf(id, series))}
      />
    </svg>
  );
}
