/** What an alert's words leave open: numbers, and times as ISO 8601. Nothing of a person. */
export interface AlertFacts {
  n?: number;
  all?: number;
  usual?: number;
  hours?: number;
  since?: string;
  until?: string;
  reason?: string;
  account?: string;
  detail?: string;
  tag?: string;
  /** The events of a day that Pinterest refused, that ran out of time, that wait; and open alerts. */
  refused?: number;
  late?: number;
  waiting?: number;
  open?: number;
}

/** How the numbers and days of an alert are written for its reader. */
export interface AlertWriter {
  number(count: number): string;
  /** `Dec 1` */
  day(date: Date): string;
}

/** `over`: what began has ended. `unclear`: nothing shows either; all stays as it is. */
export type Verdict = { is: "on"; facts: AlertFacts } | { is: "over" } | { is: "unclear" };

export type Phase = "begun" | "ended";

export type Severity = "critical" | "warning" | "info";

/** What is read of a shop at one check. What is read less often is null in between. */
export interface Readings {
  now: Date;
  installedAt: Date;
  connection: {
    state: "active" | "paused";
    pauseReason: string | null;
    kind: string;
    account: string;
    detail: string | null;
    endsAt: Date | null;
    renewalFailedAt: Date | null;
  } | null;
  recent: RecentCounts;
  slow: SlowReadings | null;
}

export interface RecentCounts {
  /** Events that Pinterest accepted or rejected in the last 75 minutes; 0 where none was rejected. */
  judged: number;
  rejected: number;
  /** Rejected ones of the last three hours. */
  rejectedLately: number;
  /** An event of the last three hours waits for 30 minutes or longer. */
  hasLate: boolean;
  /** An older one than 15 minutes waits; null where it makes no difference. */
  stillWaits: boolean | null;
}

export interface SlowReadings {
  /** Orders now, and one to four weeks earlier: in the last 3 hours, and in the last 24. */
  orders: { short: number[]; day: number[] };
  day: { judged: number; rejected: number };
  /**
   * Waiting events that run out within a day, the first of them when; and within three days, which is
   * counted while such an alert lasts.
   */
  expiring: { n: number; firstAt: Date | null; withinThreeDays: number };
  /** A Pinterest tag of others that was seen in the last 7 days. */
  sender: { tag: string; sharesIds: boolean | null } | null;
  sweep: { result: string | null; sweptAt: Date | null } | null;
  /** When Shopify's access to the shop was last renewed. */
  sessionAt: Date | null;
  latePrivacyRequests: number;
}
