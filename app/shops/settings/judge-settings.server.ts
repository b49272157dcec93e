import { shopSettings } from "#app/events/shop-settings.ts";
import { DEFAULT_SETTINGS } from "./read-settings.server.ts";

export interface SettingsFault {
  /** Name of the setting. */
  path: string;
  message: string;
}

/** Every fault of changes to settings, whatever the shop. */
export function judgeSettings(changes: Record<string, unknown>): SettingsFault[] {
  return Object.entries(changes).flatMap(([path, value]) => {
    const message = faultOf(path, value);
    return message === null ? [] : [{ path, message }];
  });
}

/**
 * Settings are judged one by one: judged together, the fault of one would hide another's. A value
 * that fits no open family (`source.…`, `consent.…`) is judged by what its own family would say.
 */
function faultOf(path: string, value: unknown): string | null {
  // As a key of an object literal it would set the prototype, and no setting.
  if (path === "__proto__") return NOT_A_SETTING;
  if (value === null) return isSetting(path) ? null : NOT_A_SETTING;
  const issue = firstIssue(path, value);
  if (issue?.code !== "invalid_union") return issue?.message ?? null;
  return (firstIssue(path, "send") ?? firstIssue(path, "require"))?.message ?? issue.message;
}

const NOT_A_SETTING = "is not a setting";

function isSetting(path: string): boolean {
  return (
    Object.hasOwn(DEFAULT_SETTINGS, path) ||
    ["send", "require"].some((value) => firstIssue(path, value) === undefined)
  );
}

function firstIssue(path: string, value: unknown) {
  return shopSettings.safeParse({ [path]: value }).error?.issues[0];
}
