import type { ApiKeyScope } from "#app/events/api-key-scope.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { ByteBudget, ByteShare } from "#app/platform/bodies/byte-budget.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import { isTooLarge } from "#app/platform/http/limit-body.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { ReadinessCheck } from "#app/platform/operations.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { type Authentication, authenticateApiKey } from "#app/shops/api-keys.server.ts";
import { hasRoomForCallback, queueCallback } from "#app/tasks/callback/callback-job.server.ts";
import { checkCallbackUrl } from "#app/tasks/callback/check-callback-url.server.ts";
import { readTaskInput } from "#app/tasks/input/read-task-input.server.ts";
import { runShopTask } from "#app/tasks/shop/run-shop-task.server.ts";
import {
  type FailureDocument,
  type TaskDocument,
  type TaskError,
  type TaskName,
  toHttpStatus,
} from "#app/tasks/task-document.server.ts";
import { inputError, taskError } from "#app/tasks/task-error.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import type { KeyLoad, RequestLoad } from "./key-load.server.ts";

interface TaskRequestServices {
  config: Pick<Config, "PINTEREST_API_URL" | "SHOPIFY_SANDBOX_URL">;
  db: Database;
  keyring: Keyring;
  log: Logger;
  pinterest: PinterestClient;
  /** The memory that all current requests hold. */
  bodies: ByteBudget;
  keyLoad: KeyLoad;
  /** Posts results to a URL. */
  queue: Pick<Queue, "send" | "measureWaiting">;
  /** Has `draining` once the process is to end. */
  readiness?: Record<string, ReadinessCheck>;
}

const RETRY_AFTER_SECONDS = 5;
const CALLBACKS_RETRY_AFTER_SECONDS = 60;

/** What a key must be allowed for each task. */
const SCOPES: Record<TaskName, ApiKeyScope> = {
  send_event: "send",
  send_batch_events: "send",
  list_conversion_tags: "read",
  get_conversion_tag: "read",
};

type Caller = Extract<Authentication, { kind: "ok" }>;

/** `POST /api/v1/tasks`: a task of the shop whose API key the request bears. */
export async function answerTaskRequest(
  services: TaskRequestServices,
  request: Request,
): Promise<Response> {
  try {
    const key = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (key === undefined) return unauthorized("api_key_missing");
    const caller = await authenticateApiKey(services, key);
    if (caller.kind === "unknown") return unauthorized("api_key_unknown");
    if (caller.kind === "limited") return tooMany("api_key_limited", caller.retryAfterSeconds);
    return await answerCaller(services, caller, request);
  } catch (error) {
    services.log.error({ err: error }, "task not run: the caller is asked to send it again");
    return busy("not_stored");
  }
}

/** Counts what the request has in hand, of its key and of the process, until it is answered. */
async function answerCaller(
  services: TaskRequestServices,
  caller: Caller,
  request: Request,
): Promise<Response> {
  const load = services.keyLoad.open(caller.keyId);
  if (load === null) return tooMany("api_key_waiting", RETRY_AFTER_SECONDS);
  const share = services.bodies.open();
  try {
    const read = await readTask(request, load, share);
    return read instanceof Response ? read : await runForCaller(services, caller, read);
  } finally {
    share.release();
    load.close();
  }
}

/** A separate function, so that the body is released before the task runs. */
async function readTask(
  request: Request,
  load: RequestLoad,
  share: ByteShare,
): Promise<Response | TaskRequest> {
  let isOfKey = false;
  const body = await readRequestJson(request, (bytes) => {
    isOfKey = !load.add("bytes", bytes);
    return !isOfKey && share.take(bytes);
  });
  if (!body.ok) {
    switch (body.why) {
      case "too_large":
        return refuse(413, inputError([{ path: "input", message: "may have 24 MiB at most" }]));
      case "not_json":
        return refuse(400, inputError([{ path: "input", message: "is not valid JSON" }]));
      case "over_budget":
        return isOfKey ? tooMany("api_key_waiting", RETRY_AFTER_SECONDS) : busy("too_busy");
    }
  }
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const read = await readTaskInput(body.value, { nowSeconds, usesUp: true });
  if (!read.ok) return answer({ task: read.task, ok: false, error: read.error });
  const hasRoom = load.add("events", read.request.rows.length);
  return hasRoom ? read.request : tooMany("api_key_waiting", RETRY_AFTER_SECONDS);
}

async function runForCaller(
  services: TaskRequestServices,
  { shop, keyId, scopes }: Caller,
  request: TaskRequest,
): Promise<Response> {
  const { task, webhookUrl: url, isDemo } = request;
  const scope = SCOPES[task];
  if (!scopes.includes(scope)) {
    return answer({ task, ok: false, error: taskError("forbidden", "api_key_scope", { scope }) });
  }
  const allowLoopback = services.config.SHOPIFY_SANDBOX_URL !== undefined;
  const fault = url === null ? null : checkCallbackUrl(url, { allowLoopback });
  if (fault !== null) {
    const error = inputError([{ path: "webhookUrl", message: fault }]);
    return answer({ task, ok: false, error });
  }
  const isPosted = url !== null && !isDemo;
  if (isPosted && !(await hasRoomForCallback(services, shop))) {
    return tooMany("callbacks_waiting", CALLBACKS_RETRY_AFTER_SECONDS);
  }
  const giver = { actor: "api", apiKeyId: keyId };
  const document = await runShopTask(services, { ...shop, ...giver }, request);
  if (isPosted) {
    await queueCallback({ ...services, nowMs: Date.now }, { shop, url, document });
  }
  return answer(document);
}

function answer(document: TaskDocument): Response {
  const { error } = document as { error?: TaskError };
  const seconds = error?.retry_after_seconds;
  const headers = seconds === undefined ? {} : { "Retry-After": String(Math.ceil(seconds)) };
  return Response.json(document, { status: toHttpStatus(document), headers });
}

function unauthorized(why: "api_key_missing" | "api_key_unknown"): Response {
  return refuse(401, taskError("unauthorized", why, {}), { "WWW-Authenticate": "Bearer" });
}

function tooMany(
  why: "api_key_limited" | "api_key_waiting" | "callbacks_waiting",
  seconds: number,
): Response {
  const error = taskError("rate_limited", why, { seconds });
  const headers = { "Retry-After": String(seconds) };
  return refuse(429, { ...error, retry_after_seconds: seconds }, headers);
}

/** Nothing was stored; the cause passes without action. */
function busy(why: "not_stored" | "too_busy"): Response {
  const headers = { "Retry-After": String(RETRY_AFTER_SECONDS) };
  return refuse(503, taskError("pinterest_unavailable", why, {}), headers);
}

function refuse(status: number, error: TaskError, headers: Record<string, string> = {}): Response {
  return Response.json({ task: null, ok: false, error } satisfies FailureDocument, {
    status,
    headers,
  });
}

/** A request's body, or the reason why it is missing. */
type RequestJson =
  | { ok: true; value: unknown }
  | { ok: false; why: "too_large" | "over_budget" | "not_json" };

/**
 * Reads a body whose route limits it. `take` counts each piece that is kept: false ends the reading,
 * and what comes then is not received.
 */
async function readRequestJson(
  request: Request,
  take: (bytes: number) => boolean,
): Promise<RequestJson> {
  try {
    const bytes = await readBytes(request, take);
    if (bytes === null) return { ok: false, why: "over_budget" };
    return { ok: true, value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch (error) {
    return { ok: false, why: isTooLarge(error) ? "too_large" : "not_json" };
  }
}

async function readBytes(
  request: Request,
  take: (bytes: number) => boolean,
): Promise<Buffer | null> {
  const pieces: Uint8Array[] = [];
  // Node's streams can be iterated; the type is the browser's, whose can not.
  const body = request.body as AsyncIterable<Uint8Array> | null;
  for await (const piece of body ?? []) {
    if (!take(piece.byteLength)) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
