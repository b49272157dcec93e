import type { StateBadge } from "#app/admin/shell/badge.ts";
import type { Moment } from "#app/admin/shell/format/moment.ts";
import type { Problem } from "#app/admin/shell/problems/problem.ts";

/** Days that the first page looks back, today included. */
export const HOME_PERIODS = ["1", "7", "14", "30"] as const;
export type HomePeriod = (typeof HOME_PERIODS)[number];

/** The first page in words, ready to be shown. */
export interface HomePage {
  period: HomePeriod;
  guide: Guide | null;
  /** How many orders wait for a connection; null where there is one, or none waits. */
  kept: string | null;
  orders: Orders;
  chart: Chart;
  banner: Problem | null;
  attention: { title: string; problems: Problem[] };
  checks: Check[];
  latest: LatestEvent[];
  /** What can be asked of the connection. */
  sending: "pause" | "resume" | null;
}

/** A number of a sum, with the list of what it counts behind it. */
export interface Term {
  /** `121 accepted` */
  label: string;
  /** Null: there are no rows to list. */
  url: string | null;
  isBad: boolean;
}

export interface Orders {
  /** What the terms add up to; empty where there is nothing to count. */
  lead: string;
  terms: Term[];
  /** In place of the sentence. */
  empty: string | null;
  byHand: Term | null;
  /** Rate, speed, and what else has to be said of the numbers; a sentence each. */
  notes: string[];
  /** Events of other kinds. */
  others: { label: string; terms: Term[] } | null;
  /** When Shopify counted; null: it has not. */
  countedAt: Moment | null;
  isCountOld: boolean;
  /** Shopify is to be asked. */
  isCountDue: boolean;
}

export const CHART_SERIES = ["accepted", "notSent", "waiting", "problem"] as const;
export type ChartSeries = (typeof CHART_SERIES)[number];

export interface Chart {
  /** What the chart shows, in words. */
  finding: string;
  /** Whether Shopify counted the orders of every day. */
  isCounted: boolean;
  days: ChartDay[];
}

export interface ChartDay extends Record<ChartSeries, number> {
  /** YYYY-MM-DD */
  day: string;
  /** `Nov 24`, `Nov 24 so far` */
  label: string;
  /** Shopify's, with what it told us of since. */
  orders: number;
  missing: number;
  /** The numbers as written, and the orders' events of the day. */
  written: Record<ChartSeries | "orders" | "missing", string>;
  url: string;
}

export interface Check {
  id: string;
  name: string;
  state: "ok" | "waiting" | "problem" | "unknown";
  text: string;
  /** Follows the text. */
  at: Moment | null;
}

export interface LatestEvent {
  url: string;
  at: Moment;
  kind: string;
  order: string;
  value: string;
  badge: StateBadge;
}

export interface Guide {
  /** Steps that are done, without the one that only the browser can ask for. */
  done: number;
  /** `3 of 4 done`, by how many are. */
  progress: string[];
  isConnected: boolean;
  /** `example`: null as long as no order came. */
  ids: { isDone: boolean; format: string; example: string | null };
  event: { isDone: boolean; blockedBy: string | null };
}

/** What can be asked of the first page. */
export const HOME_INTENTS = [
  "pause",
  "resume",
  "hide-guide",
  "show-guide",
  "confirm-ids",
  "test-event",
  "count-orders",
] as const;
export type HomeIntent = (typeof HOME_INTENTS)[number];

export interface HomeAnswer {
  intent: HomeIntent;
  /** Something was changed, or Shopify was asked. */
  isDone: boolean;
  /** Of a test event. */
  test: TestOutcome | null;
}

export interface TestOutcome {
  isAccepted: boolean;
  title: string;
  /** Empty, or why not and what to do. */
  text: string;
}
