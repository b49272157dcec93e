/** Something that is amiss with a shop now, in words, with the way to mend it. */
export interface Problem {
  /** `E01`, the same for ever. */
  id: string;
  severity: "critical" | "warning" | "info";
  /** `attention`: a row of a list, never the banner of a page. */
  place: "banner" | "attention";
  title: string;
  /** A sentence. */
  cause: string;
  /** What to do, in one or two sentences. */
  nextStep: string;
  action: ProblemAction | null;
}

/** Where the next step is taken; `resume` is done at once, with a button. */
export type ProblemAction = { label: string } & ({ url: string } | { intent: "resume" });
