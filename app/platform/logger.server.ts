import { type DestinationStream, type LoggerOptions, pino } from "pino";
import { describeError } from "./describe-error.server.ts";
import { scrubText } from "./scrub-text.server.ts";

export type Logger = pino.Logger;

/** What must never be logged, wherever a careless caller puts it. */
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
 * JSON lines with an ISO time and the level's name, on stdout unless another destination is given.
 * Errors go under `err` or `error` and are cut down to name, code, message and stack, since an
 * HTTP client hangs the whole request, token included, on the errors it throws. Known fields of
 * secrets are blotted out, and so is what looks like a secret in any text.
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
    // The whole line, because pino takes the message of an error over as the line's own.
    hooks: { streamWrite: scrubText },
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: "[redacted]",
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
