export interface SettingsForm {
  /** By setting, not judged yet. */
  changes: Record<string, unknown>;
  expectedVersion: number;
}

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
    // With every key that it has, also `__proto__`: one that is dropped would pass for saved.
    const parsed: unknown = JSON.parse(String(json));
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
