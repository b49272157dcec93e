import type { ChartSeries } from "./view.ts";

/** Fills that differ also without color; `id` begins the ids of one drawing. */
export function ChartPatterns({ id }: { id: string }) {
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
export function fillOf(id: string, series: ChartSeries): { fill?: string } {
  return series === "accepted" ? {} : { fill: `url(#${id}-${series})` };
}
