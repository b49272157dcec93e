import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { signWebhook } from "./webhook-signing.ts";

/** Shopify Flow ends a request after this and sends it again. */
const TOTAL_MS = 10_000;
/** A step that has not succeeded by then fails, and its workflow with it. */
const GIVE_UP_MS = 36 * 60 * 60 * 1_000;
/** Flow's intervals grow; their lengths are not published. */
const FIRST_PAUSE_MS = 60_000;

export interface FlowRunOptions {
  /** The same on every try. */
  runId?: string;
  secret: string;
  /** Multiplies the waits between tries: 0.0001 makes 36 hours 13 seconds. */
  timeScale?: number;
  /** Default: until 36 hours are over. 1: a single try. */
  tries?: number;
  /** Replaces the body, which is signed as it is. */
  body?: string;
  /** Replaces the signature; undefined: it is left out. */
  signature?: string | undefined;
}

export interface FlowRun {
  runId: string;
  /** The end of the step in its workflow; `running` if tries were limited. */
  state: "completed" | "failed" | "running";
  /** The status of every try, in order; null if no answer came in time. */
  statuses: (number | null)[];
  /** The last answer's, parsed; null when there was none. */
  answer: unknown;
}

/** The body of a run, as Flow sends it to `runtime_url`. */
export function flowBody(shop: string, runId: string, properties: object): string {
  return JSON.stringify({
    shop_id: "548380009",
    shopify_domain: shop,
    action_run_id: runId,
    action_definition_id: "send-pinterest-event",
    handle: "send-pinterest-event",
    step_reference: randomUUID(),
    properties,
  });
}

/**
 * Runs an action as Shopify Flow does: 200 completes it; after 202, 429, 5xx and silence the same
 * bytes come again, at growing intervals; any other answer fails it.
 */
export async function runFlowAction(
  url: string,
  shop: string,
  properties: object,
  options: FlowRunOptions,
): Promise<FlowRun> {
  const { runId = randomUUID(), secret, timeScale = 1, tries = Number.POSITIVE_INFINITY } = options;
  const body = options.body ?? flowBody(shop, runId, properties);
  const signature = "signature" in options ? options.signature : signWebhook(secret, body);
  const headers = {
    "content-type": "application/json",
    "user-agent": "Shopify Flow",
    ...(signature !== undefined && { "x-shopify-hmac-sha256": signature }),
  };
  const run: FlowRun = { runId, state: "running", statuses: [], answer: null };
  let waitedMs = 0;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    const { status, answer } = await tryOnce(url, headers, body);
    run.statuses.push(status);
    run.answer = answer;
    run.state = judge(status);
    if (run.state !== "running" || run.statuses.length >= tries) return run;
    if (waitedMs + pauseMs > GIVE_UP_MS) return { ...run, state: "failed" };
    waitedMs += pauseMs;
    await wait(pauseMs * timeScale);
  }
}

function judge(status: number | null): FlowRun["state"] {
  if (status === 200) return "completed";
  const comesAgain = status === null || status === 202 || status === 429 || status >= 500;
  return comesAgain ? "running" : "failed";
}

async function tryOnce(url: string, headers: Record<string, string>, body: string) {
  try {
    const signal = AbortSignal.timeout(TOTAL_MS);
    const response = await fetch(url, { method: "POST", headers, body, signal });
    const text = await response.text();
    return { status: response.status, answer: text === "" ? null : JSON.parse(text) };
  } catch {
    return { status: null, answer: null };
  }
}
