import { type DestinationStream, type LoggerOptions, pino } from "pino";
import { currentRequestId } from "./http/request-id.server.ts";
import { FIELDS, type LogFields, type Value } from "./log-fields.server.ts";
import { currentTraceId } from "./trace.server.ts";

/** A field that is not listed is an error of the compiler, also in an object that was made elsewhere. */
type Listed<Given> = Given & { [name in Exclude<keyof Given, keyof LogFields>]: never };

interface LogCall {
  <Given extends LogFields>(fields: Listed<Given>, message: string): void;
  (message: string): void;
}

export type Logger = Record<"trace" | "debug" | "info" | "warn" | "error" | "fatal", LogCall>;

/**
 * Writes JSON lines with an ISO time and the level's name to stdout, unless another destination is
 * given. A field that is not listed above is left out, and the line says so. Errors are reduced to
 * name, code, message and stack, because an HTTP client attaches the whole request, token included,
 * to the errors it throws. Text that looks like a secret is redacted.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: pickListed },
    serializers: { err: (thrown) => describeError(thrown) },
    mixin() {
      const requestId = currentRequestId();
      const traceId = currentTraceId();
      return { ...(requestId && { requestId }), ...(traceId && { traceId }) };
    },
    // The whole line is scrubbed, because pino copies an error's message to the line.
    hooks: { streamWrite: scrubText },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const LISTED: ReadonlySet<string> = new Set(["requestId", "traceId", ...FIELDS]);
const MAX_VALUE_LENGTH = 1_000;
const MAX_VALUES = 100;

/** The compiler refuses what is not listed; this keeps it out where a cast has hidden it. */
function pickListed(fields: Record<string, unknown>): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  let unlisted = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (name === "err") picked.err = value;
    else if (LISTED.has(name) && isValue(value)) picked[name] = boundValue(value);
    else unlisted += 1;
  }
  return unlisted === 0 ? picked : { ...picked, unlisted: "[redacted]" };
}

function isValue(value: unknown): value is Value {
  return typeof value !== "object" || value === null || Array.isArray(value);
}

function boundValue(value: Value): Value {
  if (typeof value === "string") return value.slice(0, MAX_VALUE_LENGTH);
  if (typeof value !== "object" || value === null) return value;
  return value.slice(0, MAX_VALUES).map((one) => String(one).slice(0, MAX_VALUE_LENGTH));
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
