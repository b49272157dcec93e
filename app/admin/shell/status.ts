import type { Moment } from "#app/admin/shell/format/formatter.server.ts";

export type BadgeTone = "success" | "attention" | "warning" | "critical" | "info";

/** How it is with the shop: the same on every page. */
export interface Status {
  /** Whether it is sending right now. Without a tone: nothing to be glad of or to worry about. */
  badge: { label: string; tone?: BadgeTone };
  /** What besides is not as in earnest: a store that is none, another address than Pinterest's. */
  marks: string[];
  /** The one banner of the page: the worst that is true. */
  banner: StatusBanner | null;
  updatedAt: Moment;
  /** `GMT-5 (New York)` */
  zone: string;
}

export interface StatusBanner {
  /** `E01` */
  id: string;
  tone: "critical" | "warning" | "info";
  title: string;
  /** The cause, and what to do next. */
  text: string;
  action: { label: string; url: string } | null;
}
