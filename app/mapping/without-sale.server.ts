import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { EventBody } from "./check-event.server.ts";

/** The opt-out names no state and country: Pinterest finds them among the hashed match keys. */
export function limitUse<Body extends Pick<EventBody, "custom_data">>(body: Body): Body {
  return { ...body, custom_data: { ...body.custom_data, opt_out_type: "LDP" } };
}

/** The event of a shopper who opted out of the sale of their data. */
export function withoutSale(mapped: MappedEvent): MappedEvent {
  if (mapped.outcome.kind === "skip") return mapped;
  return { ...mapped, outcome: { kind: "send", event: limitUse(mapped.outcome.event) } };
}
