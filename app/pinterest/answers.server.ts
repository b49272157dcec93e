import { z } from "zod";

/**
 * Pinterest's answers, specification 5.23 and the changes up to 5.28. New fields pass and are kept;
 * where Pinterest has a list of values that may grow, any text is accepted.
 */
const text = z.string().nullish().catch(null);

/** Any other value is an answer we do not understand, not a kind of success. */
const eventOutcome = z.object({
  status: z.enum(["processed", "failed"]),
  error_message: text,
  warning_message: text,
});

export const eventOutcomes = z.array(eventOutcome);

export const eventsAnswer = z.object({
  num_events_received: z.int(),
  num_events_processed: z.int(),
  events: eventOutcomes,
});

const errorAnswer = z.object({
  /** Stored as an integer of 32 bits. */
  code: z.int32().nullable().catch(null),
  message: z.string().min(1).nullable().catch(null),
  details: z.unknown().optional(),
});

/** Pinterest's `Error` and `DetailedError`; every field may be missing. */
export function readError(json: unknown): z.infer<typeof errorAnswer> {
  const read = errorAnswer.safeParse(json);
  return read.success ? read.data : { code: null, message: null, details: null };
}

export const conversionTag = z.looseObject({
  id: z.string(),
  ad_account_id: text,
  name: text,
  /** ACTIVE, PAUSED, ARCHIVED, … */
  status: text,
  version: text,
  code_snippet: text,
  enhanced_match_status: text,
  /** Unix milliseconds; null for a tag that never fired. */
  last_fired_time_ms: z.number().nullish().catch(null),
});
export type ConversionTag = z.infer<typeof conversionTag>;

export const conversionTagList = z.object({ items: z.array(conversionTag) });

export const adAccount = z.looseObject({
  id: z.string(),
  name: text,
  /** ISO 3166-1 alpha-2. */
  country: text,
  /** ISO 4217, or UNK. */
  currency: text,
  /** OWNER, ADMIN, ANALYST, …: sending events needs one of these three, AUDIENCE_ or CAMPAIGN_MANAGER. */
  permissions: z.array(z.string()).nullish().catch(null),
});
export type AdAccount = z.infer<typeof adAccount>;

export const adAccountPage = z.object({
  items: z.array(adAccount),
  bookmark: z.string().nullish(),
});

export const userAccount = z.looseObject({
  id: text,
  username: text,
  business_name: text,
  /** PINNER or BUSINESS. */
  account_type: text,
});
export type UserAccount = z.infer<typeof userAccount>;

const eventCoverage = z.looseObject({
  /** The share of events of this name that carry the parameter, in percent. */
  coverage: z.number(),
  /** The share that the tag and the API both sent, in percent; only under `external_event_id`. */
  overlap: z.number().nullish().catch(null),
  issues: z
    .array(z.looseObject({ id: text, name: text, reason: text }))
    .nullish()
    .catch(null),
});

/** Scores of one platform and source, by parameter (`hashed_email`, …), then by event name. */
const qualityScore = z.looseObject({
  /** NEEDS_IMPROVEMENT, FAIR, GOOD. */
  overall_status: z.string(),
  /** WEB, MOBILE, OFFLINE, … */
  source_platform: z.string(),
  /** TAG, CONVERSIONS_API, … */
  ingestion_source: z.string(),
  lookback_period: z.string(),
  quality_components: z.record(z.string(), z.record(z.string(), eventCoverage).catch({})),
});
export type QualityScore = z.infer<typeof qualityScore>;

export const qualityScores = z.array(qualityScore);

export const deletionRequestAnswer = z.object({ request_id: z.string().min(1).max(255) });

export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.int().min(0),
  scope: text,
  refresh_token: z.string().min(1).nullish(),
  refresh_token_expires_in: z.int().min(0).nullish().catch(null),
});

/** Pinterest states no lifetime: "long-lived" (specification 5.23, `oauth/conversion_token`). */
export const conversionTokenAnswer = z.object({ access_token: z.string().min(1) });
