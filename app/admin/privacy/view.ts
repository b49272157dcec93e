import type { Moment } from "#app/admin/shell/format/formatter.server.ts";

/** What the page on privacy shows. */
export interface PrivacyView {
  payloadDays: number;
  /** For each number of days below the one now, what saving it does: index 0 is one day. */
  warnings: string[];
  /** Newest first. */
  requests: RequestRow[];
}

export interface RequestRow {
  id: string;
  what: string;
  received: Moment;
  due: Moment;
  isOverdue: boolean;
}
