/** What the advice to a faulty file says at one door, and would be of no use at another. */
export interface FileWords {
  /** What to do with JSON Lines that were taken for JSON. */
  nameJsonLines: string;
  /** What to do with a file that is not of the format it was taken for. */
  nameFormat: string;
  /** Where what is no column is said instead, by the column's name. */
  saidElsewhere: Readonly<Record<string, string>>;
}
