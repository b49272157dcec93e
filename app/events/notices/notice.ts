/** What went wrong and what to do, in words. */
export interface Notice {
  /** `E01`; never changes, and never means anything else. */
  id: string;
  /** Without a full stop. */
  title: string;
  /** A sentence. */
  cause: string;
  /** What to do: a sentence or two. */
  nextStep: string;
}

/** What a screen shows of a notice; one that never has an id of its own comes from no table. */
export interface ShownNotice extends NoticeWords {
  action: NoticeAction | null;
}

export type NoticeWords = Omit<Notice, "id">;

/** Where the next step is taken: on another page, or here and now. */
export type NoticeAction = { label: string } & ({ url: string } | { intent: NoticeIntent });

export type NoticeIntent = "resume" | "retry" | "turn-on-pixel";

/** A notice on one line, as a terminal, a field and the API say it, but for the next step. */
export function noticeLine({ title, cause }: Pick<Notice, "title" | "cause">): string {
  return `${title}: ${cause}`;
}

/** What stands below a notice's title: cause and next step. */
export function noticeText({ cause, nextStep }: Pick<Notice, "cause" | "nextStep">): string {
  return `${cause} ${nextStep}`.trim();
}

/** A notice as one paragraph: title, cause and next step. */
export function noticeParagraph(notice: NoticeWords): string {
  return `${notice.title}. ${noticeText(notice)}`;
}

/**
 * An entry of the catalogue, in ICU message syntax. A variant changes the words for a place that
 * knows more (`banner`: since when, how many events wait); what it leaves out stays as it is.
 */
export interface NoticeEntry extends Notice {
  variants?: Readonly<Record<string, NoticeVariant>>;
}

interface NoticeVariant extends Partial<NoticeWords> {
  /** The label of the button or link that takes the next step. */
  action?: string;
}

/** Something that is wrong with a shop now, in words, with the way to mend it. */
export interface Problem extends Notice {
  severity: "critical" | "warning" | "info";
  /** `attention`: a row of a list, never the banner of a page. */
  place: "banner" | "attention";
  action: NoticeAction | null;
}
