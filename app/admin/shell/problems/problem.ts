import type { Notice, NoticeAction } from "#app/events/notices/notice.ts";

/** Something that is amiss with a shop now, in words, with the way to mend it. */
export interface Problem extends Notice {
  severity: "critical" | "warning" | "info";
  /** `attention`: a row of a list, never the banner of a page. */
  place: "banner" | "attention";
  action: NoticeAction | null;
}
