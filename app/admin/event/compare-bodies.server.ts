import { fieldLabels, keyLabels } from "#app/admin/shell/sent-texts.ts";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { listBodyFields } from "#app/events/list-body-fields.ts";
import { lookUp } from "#app/events/look-up.ts";
import { MATCH_KEYS } from "#app/events/match-keys.ts";
import type { RebuildView } from "./view.ts";

/** What stays hidden on the event's page until it is asked for. */
const SECRETS: readonly string[] = ["client_ip_address", "client_user_agent", "click_id"];
const HIDDEN = "•••";

/** Field by field, what differs between two bodies of one event. Null: there was none. */
export function compareBodies(
  before: ConversionEvent | null,
  after: ConversionEvent,
): RebuildView["rows"] {
  const was = new Map(before === null ? [] : listBodyFields(before));
  const is = new Map(listBodyFields(after));
  const paths = [...new Set([...was.keys(), ...is.keys()])];
  return paths
    .filter((path) => was.get(path) !== is.get(path))
    .map((path) => ({
      key: path,
      label: labelOf(path),
      before: show(path, was.get(path)),
      after: show(path, is.get(path)),
    }));
}

function labelOf(path: string): string {
  const key = MATCH_KEYS.find((name) => `user_data.${name}` === path);
  return key === undefined ? (lookUp(fieldLabels, path) ?? path) : keyLabels[key];
}

function show(path: string, value: string | undefined): string {
  if (value === undefined) return "";
  return SECRETS.some((key) => path === `user_data.${key}`) ? HIDDEN : value;
}
