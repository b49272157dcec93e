import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";

/** The opt-out names no state and country: Pinterest finds them among the hashed match keys. */
export function withoutSale(mapped: MappedEvent): MappedEvent {
  if (mapped.outcome.kind === "skip") return mapped;
  const { custom_data, ...rest } = mapped.outcome.event;
  const event: ConversionEvent = { ...rest, custom_data: { ...custom_data, opt_out_type: "LDP" } };
  return { ...mapped, outcome: { kind: "send", event } };
}
