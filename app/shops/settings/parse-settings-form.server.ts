export interface SettingsForm {
  /** The values by setting, not checked yet. */
  changes: Record<string, unknown>;
  expectedVersion: number;
}

/** Parses the `changes` (JSON) and `version` of a form; null if no form of ours sent them. */
export function parseSettingsForm(form: FormData): SettingsForm | null {
  const parsed = parseChanges(form.get("changes"));
  const version = String(form.get("version"));
  if (parsed === null || !/^\d{1,9}$/.test(version)) return null;
  return { changes: parsed, expectedVersion: Number(version) };
}

/** Changes of settings as JSON; null: they are none. */
export function parseChanges(json: unknown): Record<string, unknown> | null {
  try {
    // Every key is kept, also `__proto__`: a dropped key would look as if it were saved.
    const parsed: unknown = JSON.parse(String(json));
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
