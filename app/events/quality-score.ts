import { z } from "zod";

/** The periods that Pinterest scores: the last day, or the last two weeks. */
export const LOOKBACKS = ["1d", "14d"] as const;
export type Lookback = (typeof LOOKBACKS)[number];

/** Pinterest's score of one parameter of one kind of event. */
export interface ComponentScore {
  /** The share of events that carry the parameter, in percent. */
  coverage: number;
  /** The share that came from two senders under one id, in percent; for event ids only. */
  overlap: number | null;
  issues: { name: string; reason: string }[];
}

/** Pinterest's score of one platform and one source, as its API returns it (`EventQualityScore`). */
export interface QualityScore {
  /** NEEDS_IMPROVEMENT, FAIR, GOOD, … */
  status: string;
  /** WEB, OFFLINE, … */
  platform: string;
  /** CONVERSIONS_API, TAG, … */
  ingestion: string;
  /** Scores by parameter (`hashed_email`, …), then by event name. Parameters without a score are absent. */
  components: Record<string, Record<string, ComponentScore>>;
}

const text = z.string().nullish().catch(null);

const componentAnswer = z.object({
  coverage: z.number(),
  overlap: z.number().nullish().catch(null),
  issues: z
    .array(z.object({ name: text, reason: text }))
    .nullish()
    .catch(null),
});

const scoreAnswer = z.object({
  overall_status: z.string(),
  source_platform: z.string(),
  ingestion_source: z.string(),
  quality_components: z.record(z.string(), z.record(z.string(), z.unknown()).catch({})).catch({}),
});

/** Reads the list of `conversion_eqs`; invalid scores and parameters without a score are dropped. */
export function readQualityScores(list: unknown): QualityScore[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const read = scoreAnswer.safeParse(item);
    if (!read.success) return [];
    const { overall_status, source_platform, ingestion_source, quality_components } = read.data;
    const components = Object.entries(quality_components).map(
      ([name, byEvent]) => [name, readComponents(byEvent)] as const,
    );
    return [
      {
        status: overall_status,
        platform: source_platform,
        ingestion: ingestion_source,
        components: Object.fromEntries(components),
      },
    ];
  });
}

/** The names are Pinterest's, so they are never assigned: `__proto__` would not become an entry. */
function readComponents(byEvent: Record<string, unknown>): Record<string, ComponentScore> {
  const scores = Object.entries(byEvent).flatMap(([event, answer]) => {
    const read = componentAnswer.safeParse(answer);
    return read.success ? [[event, toScore(read.data)] as const] : [];
  });
  return Object.fromEntries(scores);
}

function toScore({ coverage, overlap, issues }: z.infer<typeof componentAnswer>): ComponentScore {
  return {
    coverage,
    overlap: overlap ?? null,
    issues: (issues ?? []).map(({ name, reason }) => ({ name: name ?? "", reason: reason ?? "" })),
  };
}
