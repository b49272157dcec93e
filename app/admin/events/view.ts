import type { StateBadge } from "#app/admin/shell/badge.ts";
import type { EventFilter, EventTab } from "#app/admin/shell/event-filter.ts";
import type { Moment } from "#app/admin/shell/format/moment.ts";

/** A row of the list, as the server has written it. */
export interface EventLine {
  /** Row id, for what is ticked. */
  id: string;
  url: string;
  /** `#1042`; a dash where there is no order. */
  order: string;
  /** Of the link, where the order does not name it. */
  name: string | null;
  kind: string;
  value: string;
  badge: StateBadge;
  /** Pinterest's words. */
  detail: string | null;
  source: string;
  happened: Moment;
}

export interface FilterChoice {
  value: string;
  label: string;
}

export type AppliedKey = "kind" | "state" | "reason" | "source" | "idSource" | "date";

/** A page of the list, as the server has written it. */
export interface EventListFacts {
  filter: EventFilter;
  lines: EventLine[];
  tabs: { id: EventTab; label: string; count: string | null }[];
  /** What each filter offers; periods in days back. */
  choices: Record<"kinds" | "states" | "reasons" | "sources" | "periods", FilterChoice[]>;
  applied: { key: AppliedKey; label: string }[];
  /** `51–100 of 1,204`; null without rows. */
  range: string | null;
  /** `Last 7 days` */
  period: string;
  /** Cursors. */
  next: string | null;
  previous: string | null;
  canSendAgain: boolean;
  isConnected: boolean;
  empty: "shop" | "filter" | null;
}
