import type { StateBadge } from "#app/admin/shell/badge.ts";
import type { Moment } from "#app/admin/shell/format/moment.ts";

/** A run's page, as the server has written it. */
export interface RunFacts {
  id: string;
  title: string;
  back: { label: string; url: string };
  badge: { label: string; tone: "info" | "attention" | "success" | null };
  startedAt: Moment;
  endedAt: Moment | null;
  /** Of a run from a file. */
  file: string | null;
  /** How the events were chosen, and the list of them where a filter did. */
  chosen: { text: string; url: string | null } | null;
  leftOut: string | null;
  /** 0 to 100, whole: 100 only when nothing waits. */
  percent: number;
  percentText: string;
  /** The terms add up to the first number. */
  sentence: string;
  /** Why it stands still. */
  note: string | null;
  /** Before it is stopped; null where there is nothing to stop. */
  stopText: string | null;
  isFinished: boolean;
  fileName: string;
  lines: RunLine[];
  range: string | null;
  /** Page numbers, from 0. */
  next: number | null;
  previous: number | null;
}

export interface RunLine {
  /** `12` */
  place: string;
  kind: string;
  eventId: string | null;
  url: string | null;
  outcome: StateBadge;
  why: string | null;
}
