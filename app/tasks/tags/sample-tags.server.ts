import type { ConversionTag } from "#app/pinterest/answers.server.ts";

const HOUR_MS = 60 * 60 * 1_000;

const IN_USE = "2617998078212";
const NEVER_FIRED = "2613047725493";

/** Two tags as Pinterest describes them, for demo mode: one in use, one that never fired. */
export function sampleTags(adAccountId: string, nowMs: number): ConversionTag[] {
  const unused = sampleTag(adAccountId, NEVER_FIRED, nowMs);
  return [
    sampleTag(adAccountId, IN_USE, nowMs),
    {
      ...unused,
      name: "Landing pages",
      enhanced_match_status: "UNKNOWN",
      last_fired_time_ms: null,
    },
  ];
}

/** A tag in use. */
export function sampleTag(adAccountId: string, id: string, nowMs: number): ConversionTag {
  return {
    id,
    ad_account_id: adAccountId,
    name: "Online store",
    status: "ACTIVE",
    version: "3",
    code_snippet: `<script type="text/javascript">pintrk('load', '${id}'); pintrk('page');</script>`,
    enhanced_match_status: "VALIDATION_COMPLETE",
    last_fired_time_ms: nowMs - HOUR_MS,
    configs: { aem_enabled: true, md_frequency: 1 },
  };
}
