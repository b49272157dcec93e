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

/**
 * An entry of the catalogue, in ICU message syntax. A variant changes the words for a place that
 * knows more (`banner`: since when, how many events wait); what it leaves out stays as it is.
 */
export interface NoticeEntry extends Notice {
  variants?: Readonly<Record<string, NoticeVariant>>;
}

export interface NoticeVariant extends Partial<Omit<Notice, "id">> {
  /** The label of the button or link that takes the next step. */
  action?: string;
}
