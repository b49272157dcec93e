import type { AcceptedEvent } from "./ledger.ts";

type Field = "user_data" | "custom_data";

/** Components of the score, and the key of an event that fills each. */
const COMPONENTS: Record<string, [Field | null, string]> = {
  hashed_email: ["user_data", "em"],
  hashed_maid: ["user_data", "hashed_maids"],
  click_id_epik: ["user_data", "click_id"],
  advertiser_external_id: ["user_data", "external_id"],
  ip_address: ["user_data", "client_ip_address"],
  user_agent: ["user_data", "client_user_agent"],
  external_event_id: [null, "event_id"],
  product_id: ["custom_data", "content_ids"],
  order_id: ["custom_data", "order_id"],
  order_value: ["custom_data", "value"],
  source_url: [null, "event_source_url"],
};

export type LookbackPeriod = "1d" | "14d";

export interface QualityScore {
  overall_status: "NEEDS_IMPROVEMENT" | "FAIR" | "GOOD";
  source_platform: string;
  ingestion_source: string;
  lookback_period: LookbackPeriod;
  quality_components: Record<string, Record<string, { coverage: number }>>;
}

function isFilled(event: Record<string, unknown>, [field, key]: [Field | null, string]): boolean {
  const holder = (field === null ? event : event[field]) as Record<string, unknown> | undefined;
  const value = holder?.[key];
  return value !== undefined && value !== null && value !== "";
}

function coverageOf(events: Record<string, unknown>[], path: [Field | null, string]): number {
  const filled = events.filter((event) => isFilled(event, path)).length;
  return Math.round((filled / events.length) * 1000) / 10;
}

/** Pinterest publishes no thresholds; these only make the three words reachable. */
function statusOf(emailCoverage: number): QualityScore["overall_status"] {
  if (emailCoverage >= 80) return "GOOD";
  return emailCoverage >= 50 ? "FAIR" : "NEEDS_IMPROVEMENT";
}

function scoreOf(
  accepted: AcceptedEvent[],
  platform: string,
  period: LookbackPeriod,
): QualityScore | null {
  const bodies = accepted.flatMap(({ event }) => (event ? [event] : []));
  const isOffline = (event: Record<string, unknown>) => event.action_source === "offline";
  const events = bodies.filter((event) => isOffline(event) === (platform === "OFFLINE"));
  if (events.length === 0) return null;
  const byName = Map.groupBy(events, (event) => event.event_name);
  const components: QualityScore["quality_components"] = {};
  for (const [component, path] of Object.entries(COMPONENTS)) {
    const kinds = [...byName].map(([name, list]) => [name, { coverage: coverageOf(list, path) }]);
    components[component] = Object.fromEntries(kinds);
  }
  return {
    overall_status: statusOf(coverageOf(events, ["user_data", "em"])),
    source_platform: platform,
    ingestion_source: "CONVERSIONS_API",
    lookback_period: period,
    quality_components: components,
  };
}

/**
 * Scores of what was accepted, in the form of `conversion_eqs`: coverage in percent, one row per
 * platform. Empty while nothing was accepted or bodies are not kept.
 */
export function scoreQuality(accepted: AcceptedEvent[], period: LookbackPeriod): QualityScore[] {
  const rows = ["WEB", "OFFLINE"].map((platform) => scoreOf(accepted, platform, period));
  return rows.filter((row) => row !== null);
}
