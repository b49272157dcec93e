import {
  type ConversionEvent,
  conversionEvent,
  MAX_EVENT_BYTES,
} from "#app/events/conversion-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { soundBySchema } from "#app/events/sound-by-schema.ts";

const isSoundEvent = soundBySchema(conversionEvent);

const PARTNER_NAME = "ss-pinrelay";

export type EventIdentity = Pick<
  MappedEvent,
  "kind" | "actionSource" | "eventTimeSeconds" | "eventId"
>;

export type EventBody = Pick<ConversionEvent, "user_data"> &
  Partial<Pick<ConversionEvent, "custom_data" | "event_source_url" | "language" | "opt_out">>;

/** The event that mapping built cannot be sent: a fault of ours or of the webhook. */
export class UnfitEventError extends Error {
  override name = "UnfitEventError";
}

/**
 * Checks the event against Pinterest's schema and size limit, and returns it as it will be sent.
 *
 * Throws UnfitEventError, which names paths and no values.
 */
export function checkEvent(identity: EventIdentity, body: EventBody): ConversionEvent {
  const event = checkShape(identity, body);
  if (computeExcess(event) <= 0) return event;
  const most = `${MAX_EVENT_BYTES / 1_024} KiB`;
  throw new UnfitEventError(
    `larger than ${most} as it would be sent: give fewer or shorter values`,
  );
}

/**
 * The same for an event of the store, whose basket cannot be made smaller at its source: of a
 * basket of a thousand lines, the last are dropped. Its value and its number of items still count
 * all of them.
 */
export function fitEvent(
  identity: EventIdentity,
  body: EventBody,
): { event: ConversionEvent; isCut: boolean } {
  const event = checkShape(identity, body);
  const excess = computeExcess(event);
  if (excess <= 0) return { event, isCut: false };
  return { event: checkEvent(identity, withoutLastLines(body, excess)), isCut: true };
}

function checkShape(
  identity: EventIdentity,
  { event_source_url, ...body }: EventBody,
): ConversionEvent {
  const isOffline = identity.actionSource === "offline";
  const event = {
    event_name: identity.kind,
    action_source: identity.actionSource,
    event_time: identity.eventTimeSeconds,
    event_id: identity.eventId,
    // A sale at a till has no page.
    ...(isOffline || event_source_url === undefined ? {} : { event_source_url }),
    partner_name: PARTNER_NAME,
    ...body,
  };
  if (isSoundEvent(event)) return event;
  const checked = conversionEvent.safeParse(event);
  if (checked.success) return checked.data;
  const faults = checked.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.code}`);
  throw new UnfitEventError(`not an event that Pinterest takes: ${faults.join("; ")}`);
}

function withoutLastLines({ custom_data = {}, ...body }: EventBody, excess: number): EventBody {
  const { contents = [], content_ids: ids = [], ...rest } = custom_data;
  let kept = Math.max(contents.length, ids.length);
  // The keys and brackets of the two lists are not counted: the result is a few bytes smaller than
  // needed.
  for (let freed = 0; kept > 0 && freed < excess; ) {
    kept -= 1;
    freed += countBytes(contents[kept]) + countBytes(ids[kept]);
  }
  const lists = { content_ids: ids.slice(0, kept), contents: contents.slice(0, kept) };
  return { ...body, custom_data: kept === 0 ? rest : { ...rest, ...lists } };
}

/** Computes how many bytes too large the event is. Most are so small that an upper bound is enough. */
function computeExcess(event: ConversionEvent): number {
  return estimateBytes(event) <= MAX_EVENT_BYTES ? 0 : countBytes(event) - MAX_EVENT_BYTES;
}

/** The longest that JSON writes a UTF-16 unit (`\u0001`), and a number or a literal. */
const UNIT_BYTES = 6;
const NUMBER_BYTES = 25;
/** Quotes, comma and colon of one entry. */
const MARK_BYTES = 4;

/** An upper bound for the JSON of `value`, in bytes. */
function estimateBytes(value: unknown): number {
  if (typeof value === "string") return UNIT_BYTES * value.length + MARK_BYTES;
  if (typeof value !== "object" || value === null) return NUMBER_BYTES;
  let bytes = MARK_BYTES;
  if (Array.isArray(value)) for (const item of value) bytes += estimateBytes(item);
  else {
    for (const [key, part] of Object.entries(value))
      bytes += estimateBytes(key) + estimateBytes(part);
  }
  return bytes;
}

/** Counts the bytes of the JSON of `value`. */
function countBytes(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
}
