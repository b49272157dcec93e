import { type DestinationStream, type LoggerOptions, pino } from "pino";
import { describeError } from "./describe-error.server.ts";
import { scrubText } from "./scrub-text.server.ts";

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
