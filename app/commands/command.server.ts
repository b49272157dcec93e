/** What a command gets from the process it runs in. */
export interface CommandContext {
  env: Record<string, string | undefined>;
}

/** What a command prints, and how it ends. */
export interface CommandResult {
  /** The one document on stdout with `--json`. */
  json: object;
  /** What a person reads instead. */
  text: string;
  /** What a person reads on stderr besides. */
  complaint?: string;
  /** 1: it was done, but not what was asked for came of it; 2: the caller can mend the input. */
  exitCode?: 0 | 1 | 2;
}

export interface Failure {
  /** As in the tables of docs: `invalid_input`, `missing_token`, `not_found`, … */
  code: string;
  message: string;
  /** What to do about it. */
  action: string;
  fields?: { path: string; message: string }[];
}

/** Ends a command; 2 is for what the caller can mend by calling differently. */
export class CommandError extends Error {
  override name = "CommandError";
  failure: Failure;
  exitCode: 1 | 2;
  constructor(failure: Failure, exitCode: 1 | 2) {
    super(failure.message);
    this.failure = failure;
    this.exitCode = exitCode;
  }
}
