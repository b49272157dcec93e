import { z } from "zod";

/**
 * The data that a tag may match shoppers by, in Pinterest's words (specification 5.23,
 * `ConversionTagConfigs`).
 */
export const TAG_SWITCHES = [
  "aem_enabled",
  "aem_fnln_enabled",
  "aem_ph_enabled",
  "aem_ge_enabled",
  "aem_db_enabled",
  "aem_loc_enabled",
  "aem_external_id_enabled",
] as const;

export type TagSwitch = (typeof TAG_SWITCHES)[number];

/** The longest name of a tag, in characters. */
const LONGEST_TAG_NAME = 100;

/** A tag of an ad account, as Pinterest returned it. Values that Pinterest may add to are plain text. */
export interface PinterestTag {
  id: string;
  name: string | null;
  /** ACTIVE, PAUSED, ARCHIVED, DRAFT, DELETED_DRAFT, … */
  status: string | null;
  /** VALIDATION_COMPLETE, VALIDATING_IN_PROGRESS, NOT_VALIDATED, UNKNOWN, … */
  enhancedMatch: string | null;
  version: string | null;
  codeSnippet: string | null;
  /** Unix milliseconds; null for a tag that never fired. */
  lastFiredMs: number | null;
  /** Null where Pinterest does not say. */
  switches: Record<TagSwitch, boolean | null>;
}

const text = z.string().nullish().catch(null);
const flag = z.boolean().nullish().catch(null);

const LAST_DATE_MS = 8.64e15;
const FIRING_MS = 14 * 86_400_000;

const tagAnswer = z.object({
  id: z.string(),
  name: text,
  status: text,
  enhanced_match_status: text,
  version: text,
  code_snippet: text,
  // A time outside the range of dates would break the page.
  last_fired_time_ms: z.number().min(0).max(LAST_DATE_MS).nullish().catch(null),
  configs: z.record(z.string(), z.unknown()).nullish().catch(null),
});

/** Parses one tag of Pinterest's API; null for an invalid one. */
export function readPinterestTag(answer: unknown): PinterestTag | null {
  const read = tagAnswer.safeParse(answer);
  if (!read.success) return null;
  const tag = read.data;
  const switches = TAG_SWITCHES.map((name) => [name, flag.parse(tag.configs?.[name]) ?? null]);
  return {
    id: tag.id,
    name: tag.name ?? null,
    status: tag.status ?? null,
    enhancedMatch: tag.enhanced_match_status ?? null,
    version: tag.version ?? null,
    codeSnippet: tag.code_snippet ?? null,
    lastFiredMs: tag.last_fired_time_ms ?? null,
    switches: Object.fromEntries(switches) as PinterestTag["switches"],
  };
}

/** Parses the tags of a stored list; invalid entries are dropped. */
export function readPinterestTags(list: unknown): PinterestTag[] {
  if (!Array.isArray(list)) return [];
  return list.map(readPinterestTag).filter((tag) => tag !== null);
}

/** Whether the tag fired in the last two weeks, the period that Pinterest's scores cover as well. */
export function isFiring({ lastFiredMs }: PinterestTag, nowMs: number): boolean {
  return lastFiredMs !== null && lastFiredMs > nowMs - FIRING_MS;
}

export type NameFault = "name_missing" | "name_too_long";

/** Why a new tag can't have this name; null when it can. */
export function findNameFault(name: string): NameFault | null {
  const { length } = [...name.trim()];
  if (length === 0) return "name_missing";
  return length > LONGEST_TAG_NAME ? "name_too_long" : null;
}

export function isTagSwitch(name: string): name is TagSwitch {
  return TAG_SWITCHES.some((known) => known === name);
}
