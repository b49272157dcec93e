import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";

/** A row of the input that is to be sent. */
export interface OutgoingEvent {
  /** Its place in the input. */
  index: number;
  mapped: MappedEvent;
  event: ConversionEvent;
  /** Of the event's JSON. */
  bytes: number;
}
