import type { CustomerTrace, MappedEvent } from "#app/events/mapped-event.ts";

/** The shop of an intake row, as it was when the row was mapped. */
export interface RowShop {
  id: bigint;
  lane: number;
  settingsVersion: number;
  payloadDays: number;
  connection: { adAccountId: string; state: "active" | "paused" } | null;
  /** The time of its last webhook was recorded seconds ago. */
  isNoted?: boolean;
}

/** One webhook to store: its receipt, and its event where it feeds one. */
export interface IntakeRow {
  shop: RowShop;
  topic: string;
  webhookId: string;
  triggeredAt: Date | null;
  /** The receipt's result where there is no event. */
  note: string | null;
  mapped: MappedEvent | null;
  /** The data for telling sign-ups from guests. */
  trace: CustomerTrace | null;
}

/** The result of a row. `duplicate`: its event existed already and stayed unchanged. */
export type RowOutcome = "stored" | "skipped" | "duplicate" | "withdrawn" | "no_event";

export interface EventRow {
  shop: RowShop;
  mapped: MappedEvent;
}

/** The identity of which a shop can have one event. */
export function identifySource({ shop, mapped }: EventRow): string {
  return `${shop.id}\n${mapped.kind}\n${mapped.sourceKey}`;
}

/** What stands for a webhook's id in the receipt of an order that was asked of Shopify. */
export function ownReceiptId(orderId: string): string {
  return `reconciliation-${orderId}`;
}
