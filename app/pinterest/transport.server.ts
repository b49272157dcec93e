import { Agent, type Dispatcher, request } from "undici";
import { refuseWhileHolding } from "#app/platform/work/held-connection.server.ts";
import { limitUnderWay } from "#app/platform/work/limit-under-way.server.ts";
import { readError } from "./answers.server.ts";
import {
  type Exchange,
  type Lost,
  lostTo,
  type PinterestRequest,
  type Refusal,
  unreadable,
} from "./exchange.server.ts";
import {
  ATTEMPT_TIMEOUT_MS,
  MAX_ANSWER_BYTES,
  MAX_CONNECTIONS,
  MAX_RETRY_AFTER_SECONDS,
  MAX_UNDER_WAY,
} from "./limits.server.ts";
import { scrub } from "./scrub.server.ts";

export interface TransportOptions {
  /** The base of every path, such as `https://api.pinterest.com/v5`. */
  apiUrl: string;
  connections?: number | undefined;
  timeoutMs?: number | undefined;
  /** Only used for `Retry-After` dates. */
  nowMs?: (() => number) | undefined;
}

export interface Transport {
  /** Makes one attempt. Never rejects because of the network or Pinterest. */
  send(request: PinterestRequest): Promise<Exchange>;
  /** Resolves when the attempts in flight have ended. */
  close(): Promise<void>;
}

/** Makes connections to Pinterest, kept open between requests. Redirects are not followed. */
export function createTransport(options: TransportOptions): Transport {
  const baseUrl = options.apiUrl.replace(/\/+$/, "");
  const timeoutMs = options.timeoutMs ?? ATTEMPT_TIMEOUT_MS;
  const nowMs = options.nowMs ?? Date.now;
  const dispatcher = new Agent({
    connections: options.connections ?? MAX_CONNECTIONS,
    // With one shared HTTP/2 connection, one fault would end every attempt.
    allowH2: false,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const underWay = limitUnderWay(MAX_UNDER_WAY);
  async function send(outgoing: PinterestRequest): Promise<Exchange> {
    refuseWhileHolding("Pinterest");
    if (!SENDABLE.test(outgoing.authorization)) return UNSENDABLE;
    // The app's own credentials, for signing in and renewing, are shared by all shops.
    const isOfShop = outgoing.authorization.startsWith("Bearer ") && outgoing.isDelivery !== true;
    if (!isOfShop) return attempt(outgoing);
    // Several shops may have one token (an agency's, for example); each has an ad account of its
    // own.
    const key = `${outgoing.authorization} ${outgoing.path.split(/[/?]/, 3).join("/")}`;
    return underWay(key, () => attempt(outgoing), BUSY);
  }
  async function attempt(outgoing: PinterestRequest): Promise<Exchange> {
    let response: Dispatcher.ResponseData;
    try {
      response = await request(baseUrl + outgoing.path, {
        dispatcher,
        ...toUndici(outgoing),
        // Limits the attempt as a whole: the agent's body timeout starts again with every byte.
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      return lostTo(error, null, outgoing);
    }
    return readExchange(response, outgoing, nowMs());
  }
  return { send, close: () => dispatcher.close() };
}

function toUndici({ method, authorization, body }: PinterestRequest) {
  const headers = {
    accept: "application/json",
    // Without it an answer may be compressed, and what was accepted could not be read.
    "accept-encoding": "identity",
    "user-agent": "pinrelay",
    authorization,
  };
  return body === undefined
    ? { method, headers }
    : { method, headers: { ...headers, "content-type": body.type }, body: body.text };
}

/** Undici throws at a header with other characters, such as a line break in a pasted token. */
const SENDABLE = /^[\x21-\x7e]+ [\x21-\x7e]+$/;

/** Pinterest would answer the same if such a token could be sent. */
const UNSENDABLE: Refusal = {
  kind: "refusal",
  httpStatus: 401,
  // Pinterest's code for a token that it does not know.
  code: 2,
  isJson: true,
  message: "The access token is empty or holds characters that no token has; nothing was sent",
  retryAfterSeconds: null,
  details: null,
};

/** Like an answer of Pinterest: the caller waits a moment, and has done nothing. */
const BUSY: Refusal = {
  kind: "refusal",
  httpStatus: 429,
  isJson: false,
  code: null,
  message: "Earlier requests of this store still wait for Pinterest; nothing was sent",
  retryAfterSeconds: 2,
  details: null,
};

/** Reads an answer to its end, or up to its limit. */
async function readExchange(
  response: Dispatcher.ResponseData,
  outgoing: PinterestRequest,
  nowMs: number,
): Promise<Exchange> {
  const httpStatus = response.statusCode;
  const text = await readBody(response, outgoing);
  const json = typeof text === "string" ? parseJson(text) : undefined;
  if (httpStatus >= 400) return readRefusal(response, json, outgoing, nowMs);
  if (typeof text !== "string") return text;
  if (httpStatus >= 300 || json === undefined) return unreadable(httpStatus);
  return { kind: "answer", httpStatus, json };
}

function readRefusal(
  { statusCode: httpStatus, headers }: Dispatcher.ResponseData,
  json: unknown,
  { secrets }: PinterestRequest,
  nowMs: number,
): Refusal {
  const { code, message, details } = readError(json);
  return {
    kind: "refusal",
    httpStatus,
    code,
    isJson: typeof json === "object" && json !== null && !Array.isArray(json),
    message: scrub(message ?? `Pinterest answered ${httpStatus} and gave no reason`, secrets()),
    retryAfterSeconds: readRetryAfter([headers["retry-after"]].flat()[0], nowMs),
    details,
  };
}

async function readBody(
  { body, statusCode: httpStatus }: Dispatcher.ResponseData,
  outgoing: PinterestRequest,
): Promise<string | Lost> {
  const maxBytes = outgoing.maxAnswerBytes ?? MAX_ANSWER_BYTES;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      // Leaving the loop closes the connection: the rest is not even received.
      if (size > maxBytes) return tooLarge(httpStatus, maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    return lostTo(error, httpStatus, outgoing);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function tooLarge(httpStatus: number, maxBytes: number): Lost {
  const message = `Pinterest's answer was longer than ${maxBytes} bytes`;
  return { kind: "lost", reason: "too_large", httpStatus, message };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without this, V8 reads "about 5" as a day in May 2001, and the wait would be over at once. */
const HTTP_DATE = /^[A-Z][a-z]+, .+ GMT$/;

/**
 * Parses a `Retry-After` header, in seconds or as an HTTP date (RFC 9110, 10.2.3), into seconds to
 * wait; 0 to 86,400, or null when it cannot be read.
 */
export function readRetryAfter(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? "";
  if (/^-?\d+(\.\d+)?$/.test(text)) return bounded(Number(text));
  if (!HTTP_DATE.test(text)) return null;
  const untilMs = Date.parse(text);
  return Number.isNaN(untilMs) ? null : bounded((untilMs - nowMs) / 1_000);
}

function bounded(seconds: number): number {
  return Math.min(Math.max(Math.ceil(seconds), 0), MAX_RETRY_AFTER_SECONDS);
}
