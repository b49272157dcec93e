import type { Dispatcher } from "undici";
import { readError } from "./answers.server.ts";
import {
  type Exchange,
  type Lost,
  lostTo,
  type PinterestRequest,
  type Refusal,
  unreadable,
} from "./exchange.server.ts";
import { MAX_ANSWER_BYTES } from "./limits.server.ts";
import { readRetryAfter } from "./read-retry-after.server.ts";
import { scrub } from "./scrub.server.ts";

/** Reads an answer to its end, or up to its limit. */
export async function readExchange(
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
