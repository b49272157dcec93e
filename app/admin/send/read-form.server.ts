import { parseLocalTime } from "#app/platform/calendar.server.ts";
import { readCell } from "#app/tasks/files/parse-csv-input.server.ts";
import { readTaskInput } from "#app/tasks/input/read-task-input.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { SEND_FIELDS, type SendFaults, type SendField, type SendFields } from "./send-form.ts";
import { sendTexts } from "./texts.ts";

/** One event as the page posts it. */
export interface EventForm {
  fields: SendFields;
  /**
   * Made for the form, and kept for as long as it holds the same event: sent twice, it counts once.
   */
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

/** Reads the event of a form, as tasks read theirs; faults are texts to show below the fields. */
export async function readForm(
  { fields, eventId }: EventForm,
  { shop, nowSeconds }: Reading,
): Promise<ReadForm> {
  const time = fields.eventTime ? parseLocalTime(fields.eventTime, shop.timeZone) : undefined;
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

/** Turns the texts of a form into the types that the task's input has. */
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
