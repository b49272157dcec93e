import { z } from "zod";

export interface SettingsForm {
  /** By setting, not judged yet. */
  changes: Record<string, unknown>;
  expectedVersion: number;
}

const changes = z.record(z.string(), z.unknown());

/** What a form posts as `changes` (JSON) and `version`; null: no form of ours made it. */
export function parseSettingsForm(form: FormData): SettingsForm | null {
  const parsed = parseChanges(form.get("changes"));
  const version = String(form.get("version"));
  if (parsed === null || !/^\d{1,9}$/.test(version)) return null;
  return { changes: parsed, expectedVersion: Number(version) };
}

/** Changes of settings as JSON; null: they are none. */
export function parseChanges(json: unknown): Record<string, unknown> | null {
  try {
    const parsed = changes.safeParse(JSON.parse(String(json)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
