import { readCell } from "#app/tasks/files/csv-columns.server.ts";
import { readTaskInput } from "#app/tasks/input/read-task-input.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { SEND_FIELDS, type SendFaults, type SendField, type SendFields } from "./send-form.ts";
import { sendTexts } from "./texts.ts";

/** One event as the page posts it. */
export interface EventForm {
  fields: SendFields;
  /** Made for the form, and kept for as long as it holds the same event: sent twice, it counts once. */
  eventId: string;
}

export type ReadForm =
  | { ok: true; request: TaskRequest }
  | { ok: false; faults: SendFaults; request: null };

interface Reading {
  shop: { timeZone: string; currency: string };
  nowSeconds: number;
}

const { faults: texts } = sendTexts;

/** The event of a form, by the reader of every door; faults in words for under the fields. */
export async function readForm(
  { fields, eventId }: EventForm,
  { shop, nowSeconds }: Reading,
): Promise<ReadForm> {
  const time = fields.eventTime ? readLocalTime(fields.eventTime, shop.timeZone) : undefined;
  const { customEventName, ...others } = fields;
  const isCustom = fields.eventName === "custom";
  const given = {
    currency: shop.currency,
    ...fromTexts(isCustom ? fields : others),
    eventId: fields.eventId?.trim() || eventId,
    eventTime: time,
  };
  const read = await readTaskInput(given, { nowSeconds, task: "send_event" });
  const faults = {
    ...(read.ok ? {} : toFaults(read.error.fields ?? [], fields)),
    ...(time === null && { eventTime: texts.eventTime }),
    ...(isCustom && !customEventName?.trim() && { customEventName: texts.customName }),
  };
  if (read.ok && Object.keys(faults).length === 0) return { ok: true, request: read.request };
  return { ok: false, faults, request: null };
}

/** Fields of a form are texts; each becomes what its key is in the input. */
function fromTexts(fields: SendFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, text]) => {
      const trimmed = text?.trim() ?? "";
      return trimmed === "" ? [] : [[key, readCell(key, trimmed, ",")]];
    }),
  );
}

const HASHED: readonly SendField[] = ["email", "phone", "externalId"];

function toFaults(found: FieldFault[], fields: SendFields): SendFaults {
  const isHashed = fields.isAlreadyHashed === "true";
  const faults: SendFaults = {};
  for (const { path } of found) {
    const field = SEND_FIELDS.find((name) => path.split(".")[0] === name) ?? "eventName";
    if (field === "eventTime") faults[field] = texts.future;
    else faults[field] = isHashed && HASHED.includes(field) ? texts.hash : texts[field];
  }
  return faults;
}

/** The form of `<input type="datetime-local">`: no zone, no seconds. */
const LOCAL = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2})?$/;

/** Unix seconds of a time on the shop's clocks; null: it is none. */
function readLocalTime(text: string, timeZone: string): number | null {
  const [, minute, seconds = ":00"] = LOCAL.exec(text) ?? [];
  const asUtc = Date.parse(`${minute}${seconds}Z`);
  // A 31st that the month does not have runs over into the next one.
  if (Number.isNaN(asUtc) || !new Date(asUtc).toISOString().startsWith(`${minute}`)) return null;
  // The zone's offset depends on the moment that is looked for: near a change of clocks it takes two looks.
  const near = asUtc - offsetMs(asUtc, timeZone);
  return (asUtc - offsetMs(near, timeZone)) / 1_000;
}

/** The same, the other way round: to the minute. */
export function writeLocalTime(seconds: number, timeZone: string): string {
  const ms = seconds * 1_000;
  return new Date(ms + offsetMs(ms, timeZone)).toISOString().slice(0, 16);
}

function offsetMs(ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const zone = parts.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /^GMT([+-])(\d{2}):(\d{2})/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === "-" ? -size : size;
}
