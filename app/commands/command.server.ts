/** The parts of the process that a command uses. */
export interface CommandContext {
  env: Record<string, string | undefined>;
}

/** The output of a command, and its exit code. */
export interface CommandResult {
  /** The one document on stdout with `--json`. */
  json: object;
  /** The text that a person reads instead of the JSON. */
  text: string;
  /** The text for a person on stderr. */
  complaint?: string;
  /** 1: it was done, but not what was asked for came of it; 2: the caller can mend the input. */
  exitCode?: 0 | 1 | 2;
}

export interface Failure {
  /** The code as in docs/tasks.md: `invalid_input`, `missing_token`, `not_found`, … */
  code: string;
  message: string;
  /** The next step. */
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
