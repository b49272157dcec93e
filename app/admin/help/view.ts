import type { Problem } from "#app/admin/shell/problems/problem.ts";

export const CHECK_IDS = [
  "connection",
  "role",
  "limit",
  "webhooks",
  "pixel",
  "embed",
  "scopes",
  "customerData",
  "productIds",
  "clock",
  "queue",
  "quality",
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

/** What one of the twelve checks found. */
export interface CheckRow {
  id: CheckId;
  /** `unknown`: it could not be told, and `text` says why. */
  result: "ok" | "problem" | "unknown";
  /** What is so; for a problem its title, as the banner has it. */
  text: string;
  /** Cause and next step of a problem; null else. */
  detail: string | null;
  fix: { label: string; url: string } | null;
}

/** A text that a merchant may look for. */
export interface HelpEntry {
  id: string;
  /** What a merchant sees, without a message of ours. */
  isSymptom: boolean;
  title: string;
  paragraphs: string[];
}

/** A problem as its check shows it: the same words as the banner's. */
export function toCheckRow(id: CheckId, problem: Problem): CheckRow {
  const { action, cause, nextStep, title } = problem;
  const url = action !== null && "url" in action ? action.url : "/app";
  return {
    id,
    result: "problem",
    text: title,
    detail: `${cause} ${nextStep}`,
    fix: action === null ? null : { label: action.label, url },
  };
}
