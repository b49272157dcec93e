import type { CustomerTrace, MappedEvent } from "#app/events/mapped-event.ts";

/** The shop that an intake row belongs to, as it was when the row was mapped. */
export interface RowShop {
  id: bigint;
  lane: number;
  settingsVersion: number;
  payloadDays: number;
  connection: { adAccountId: string; state: "active" | "paused" } | null;
  /** That it has webhooks was noted seconds ago. */
  isNoted?: boolean;
}

/** One webhook that is to be stored: its receipt, and its event where it feeds one. */
export interface IntakeRow {
  shop: RowShop;
  topic: string;
  webhookId: string;
  triggeredAt: Date | null;
  /** What the receipt says where there is no event. */
  note: string | null;
  mapped: MappedEvent | null;
  /** For telling sign-ups from guests. */
  trace: CustomerTrace | null;
}

/** How a row ended. `duplicate`: its event was there already and stays as it was. */
export type RowOutcome = "stored" | "skipped" | "duplicate" | "withdrawn" | "no_event";

export interface EventRow {
  shop: RowShop;
  mapped: MappedEvent;
}

/** What a shop can have one event of. */
export function sourceOf({ shop, mapped }: EventRow): string {
  return `${shop.id}\n${mapped.kind}\n${mapped.sourceKey}`;
}
