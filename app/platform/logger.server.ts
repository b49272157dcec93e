import { type DestinationStream, type LoggerOptions, pino } from "pino";

export type Logger = pino.Logger;

/** Fields that must never be logged, wherever a careless caller puts them. */
const SECRET_FIELDS = [
  "token",
  "accessToken",
  "access_token",
  "refreshToken",
  "refresh_token",
  "authorization",
  "Authorization",
  "cookie",
  "password",
  "secret",
  "email",
  "phone",
];

/**
 * Writes JSON lines with an ISO time and the level's name to stdout, unless another destination is
 * given. Errors go under `err` or `error` and are reduced to name, code, message and stack, because
 * an HTTP client attaches the whole request, token included, to the errors it throws. Known secret
 * fields are redacted, and so is text that looks like a secret.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: {
      err: (thrown) => describeError(thrown),
      error: (thrown) => describeError(thrown),
    },
    // The whole line is scrubbed, because pino copies an error's message to the line.
    hooks: { streamWrite: scrubText },
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: "[redacted]",
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Secrets and personal data that libraries put into messages. The length limits keep it linear. */
const PATTERNS: [RegExp, string][] = [
  [/(:\/\/)[^\s"/@\\]{1,512}@/g, "$1[redacted]@"],
  [/(:\/\/[^\s?"'\\]{1,2048})\?[^\s"')\\]*/g, "$1?[redacted]"],
  [/[^\s"'<>()@,;:=/\\]{1,64}@[^\s"'<>()@,;:=/\\]{1,255}\.[a-z]{2,}/gi, "[email]"],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, "$1 [redacted]"],
  [/\b(?:pina|pinr|shpat|shpua|shpss|shprt|shpca|shppa)_\w+/g, "[redacted]"],
];

/**
 * Removes tokens, passwords, queries of URLs and e-mail addresses from text. JSON text stays valid:
 * no pattern matches a quote or a backslash.
 */
function scrubText(text: string): string {
  return PATTERNS.reduce((scrubbed, [pattern, mark]) => scrubbed.replace(pattern, mark), text);
}

/** An error as it may stand in a log: only these fields, whatever else is attached to it. */
interface DescribedError {
  name: string;
  code?: string;
  message: string;
  stack?: string;
  cause?: DescribedError;
}

const MAX_CAUSES = 3;
const MAX_LENGTH = 4_000;

/** Reduces anything that was thrown to what a log may hold. */
function describeError(thrown: unknown, depth = 0): DescribedError {
  if (!(thrown instanceof Error)) {
    const message = typeof thrown === "string" ? thrown.slice(0, MAX_LENGTH) : typeof thrown;
    return { name: "NotAnError", message };
  }
  const { code, cause, stack } = thrown as Error & { code?: unknown };
  const described: DescribedError = {
    name: thrown.name,
    message: thrown.message.slice(0, MAX_LENGTH),
  };
  if (typeof code === "string" || typeof code === "number") described.code = String(code);
  if (stack !== undefined) described.stack = stack.slice(0, MAX_LENGTH);
  if (cause !== undefined && depth < MAX_CAUSES) described.cause = describeError(cause, depth + 1);
  return described;
}
