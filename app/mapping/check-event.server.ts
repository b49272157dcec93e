import { type ConversionEvent, conversionEvent } from "#app/events/conversion-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";

const PARTNER_NAME = "ss-pinrelay";

export type EventIdentity = Pick<
  MappedEvent,
  "kind" | "actionSource" | "eventTimeSeconds" | "eventId"
>;

export type EventBody = Pick<ConversionEvent, "user_data"> &
  Partial<Pick<ConversionEvent, "custom_data" | "event_source_url" | "language" | "opt_out">>;

/** An event that mapping built does not fit Pinterest's schema: a fault of ours or of the body. */
export class UnfitEventError extends Error {
  override name = "UnfitEventError";
}

/**
 * The event as Pinterest takes it, checked against its schema.
 *
 * Throws UnfitEventError, which names paths and no values.
 */
export function checkEvent(
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
  const checked = conversionEvent.safeParse(event);
  if (checked.success) return checked.data;
  const faults = checked.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.code}`);
  throw new UnfitEventError(`not an event that Pinterest takes: ${faults.join("; ")}`);
}
