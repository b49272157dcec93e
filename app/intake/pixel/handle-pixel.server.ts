import type { IncomingMessage, ServerResponse } from "node:http";
import { createStoring, type StoringOptions } from "#app/intake/storing.server.ts";
import {
  type ByteBudget,
  type ByteShare,
  createByteBudget,
} from "#app/platform/bodies/byte-budget.server.ts";
import { readBody } from "#app/platform/bodies/read-body.server.ts";
import { createCallerAddress, networkOf } from "#app/platform/http/caller-address.server.ts";
import { createTokenBuckets } from "#app/platform/http/token-buckets.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { PixelMetrics } from "./pixel-metrics.server.ts";
import type { PixelBody, PixelResult } from "./store-pixel-bodies.server.ts";

export interface PixelServices {
  log: Logger;
  metrics: PixelMetrics;
  nowMs: () => number;
  /** The limit for the bodies of all requests of the process together. */
  bodies: ByteBudget;
  /** As `TRUST_PROXY` names them. */
  trustedProxies: readonly string[];
  storeBodies: StoringOptions<PixelBody, PixelResult>["store"];
}

export interface PixelIntake {
  handlePixel(request: IncomingMessage, response: ServerResponse): Promise<void>;
  oldestInHandMs(): number;
  /** Resolves when everything in hand is stored. */
  drain(): Promise<void>;
}

/** An event with a cart of a hundred lines takes a third of it. */
const MAX_BODY_BYTES = 32 * 1024;
/** The part of the process's budget that pixels may hold: the rest is for webhooks and people. */
const MAX_BYTES_IN_HAND = 16 * 1024 * 1024;
/** The limit of an address: offices and phone networks have many shoppers behind one. */
const ADDRESS_LIMITS = { perSecond: 20, burst: 2_000, maxKeys: 100_000 };
const RETRY_AFTER_SECONDS = 5;
/** A browser asks again after a day at the latest whether it may send. */
const PREFLIGHT_SECONDS = 86_400;

/**
 * Two groups at once: while the database writes one, the next is read and mapped. No shopper waits
 * for the answer, and each commit takes the disk and the processor from webhooks: so a group waits
 * longer for more than one of webhooks does.
 */
const BRIEF = {
  maxWaitMs: 20,
  maxItems: 400,
  maxBytes: 2 * 1024 * 1024,
  maxGroups: 2,
  maxWaiting: 8_000,
  maxAgeMs: 2_000,
  deadlineMs: 3_000,
};

const GROUPS = {
  brief: BRIEF,
  // A browser sends it once more at most.
  patient: { ...BRIEF, maxGroups: 1, maxWaiting: 500, maxAgeMs: 1_000, deadlineMs: 1_500 },
};

interface Answer {
  status: 202 | 204 | 400 | 405 | 413 | 429;
  /** The label of the metric. */
  result: string;
  error?: { code: string; message: string };
  retryAfterSeconds?: number;
}

/**
 * Handles `/pixel`, which anyone may call. Answers 202 when what the shopper's browser told is
 * durable, and also where it is not wanted: nobody can find out here which shops have the app, or
 * whether a key is right.
 */
export function createPixelIntake(services: PixelServices): PixelIntake {
  const { metrics, nowMs, log } = services;
  const addressOf = createCallerAddress(services.trustedProxies, () =>
    log.warn(
      "a proxy in a private network forwards shoppers' requests, and TRUST_PROXY does not name it: all shoppers count as one address",
    ),
  );
  const addressLimits = createTokenBuckets(ADDRESS_LIMITS);
  const own = createByteBudget(MAX_BYTES_IN_HAND);
  const storing = createStoring<PixelBody, PixelResult>({
    store: services.storeBodies,
    groups: GROUPS,
    isBlocked: ({ as }) => as === "blocked",
    onGroup: (bodies) => metrics.groupRows.observe(bodies),
    nowMs,
  });

  async function answerPost(request: IncomingMessage): Promise<Answer> {
    const address = addressOf(request);
    const wait = addressLimits.take(address === null ? "" : networkOf(address), nowMs());
    if (wait > 0) return tooMany("too_many", "Too many from this address. Send less.", wait);
    const fault = findHeaderFault(request);
    if (fault !== null) return fault;
    const share = shareOfBoth(own, services.bodies);
    try {
      const read = await readBody(request, { maxBytes: MAX_BODY_BYTES, share });
      if (read.kind === "too_large") {
        return refuse(413, "too_large", "A body may have 32 KiB at most.");
      }
      if (read.kind !== "whole") return tooMany("overloaded", "Too much is in hand.");
      const userAgent = request.headers["user-agent"] ?? null;
      return toAnswer(await storing.add({ body: read.body, address, userAgent, atMs: nowMs() }));
    } finally {
      share.release();
    }
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (request.method === "OPTIONS") return { status: 204, result: "preflight" };
    if (request.method !== "POST") return refuse(405, "method_not_allowed", "Send events by POST.");
    try {
      return await answerPost(request);
    } catch (error) {
      if (!request.complete) return refuse(400, "cut_off", "The body was cut off.");
      log.error({ err: error }, "the body of a pixel was not stored");
      return notStored();
    }
  }

  return {
    async handlePixel(request, response) {
      const startedAt = nowMs();
      const given = await answer(request);
      metrics.countReceived(given.result);
      metrics.ackSeconds.observe((nowMs() - startedAt) / 1_000);
      respond(request, response, given);
    },
    oldestInHandMs: () => storing.oldestMs(),
    drain: () => storing.drain(),
  };
}

const CONTENT_TYPES = ["application/json", "text/plain"];

function findHeaderFault({ headers }: IncomingMessage): Answer | null {
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (!CONTENT_TYPES.includes(type.trim().toLowerCase())) {
    return refuse(400, "content_type", "Send application/json or text/plain.");
  }
  if (headers["content-encoding"] !== undefined) {
    return refuse(400, "encoded", "Send the body without Content-Encoding.");
  }
  return null;
}

/** Its bytes count in the pixel's part of the budget and in the whole. */
function shareOfBoth(part: ByteBudget, whole: ByteBudget): ByteShare {
  const shares = [part.open(), whole.open()];
  return {
    take: (bytes) => shares.every((share) => share.take(bytes)),
    release: () => {
      for (const share of shares) share.release();
    },
  };
}

function toAnswer(result: PixelResult): Answer {
  switch (result.as) {
    case "faulty":
      return refuse(400, "faulty", result.message);
    case "over_limit":
      return tooMany("over_limit", "Too many from this shop. Send less.");
    case "blocked":
    case "failed":
      return notStored();
    default:
      return { status: 202, result: result.as };
  }
}

/**
 * A 5xx is not among the answers that a pixel knows: 429 asks for the same, to send it again later.
 */
function notStored(): Answer {
  return tooMany("not_stored", "It could not be stored. Send it again.");
}

function tooMany(code: string, message: string, retryAfterSeconds = RETRY_AFTER_SECONDS): Answer {
  return { ...refuse(429, code, message), retryAfterSeconds };
}

function refuse(status: 400 | 405 | 413 | 429, code: string, message: string): Answer {
  return { status, result: code, error: { code, message } };
}

/** The pixel runs in a sandbox whose origin is none, and any page may send. No cookie is read. */
function setCorsHeaders(response: ServerResponse): void {
  response.setHeader("Access-Control-Allow-Origin", "*");
  response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
}

function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  response.statusCode = answer.status;
  setCorsHeaders(response);
  if (answer.status === 204) {
    response.setHeader("Access-Control-Allow-Methods", "POST");
    response.setHeader("Access-Control-Allow-Headers", "Content-Type");
    response.setHeader("Access-Control-Max-Age", PREFLIGHT_SECONDS);
  }
  if (answer.status === 405) response.setHeader("Allow", "POST, OPTIONS");
  if (answer.retryAfterSeconds !== undefined) {
    response.setHeader("Access-Control-Expose-Headers", "Retry-After");
    response.setHeader("Retry-After", answer.retryAfterSeconds);
  }
  // Node reads the rest of a small body away; of a large one, or one without a length, it would not end.
  const isSmall = Number(request.headers["content-length"] ?? Number.NaN) <= MAX_BODY_BYTES;
  if (!request.complete && !isSmall) response.setHeader("Connection", "close");
  if (answer.error === undefined) {
    response.end();
    return;
  }
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ error: answer.error }));
}
