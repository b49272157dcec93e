import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { Webhook } from "standardwebhooks";
import { Agent, request } from "undici";
import { isLoopbackAddress, isPublicAddress } from "#app/events/public-address.ts";
import { refuseWhileHolding } from "#app/platform/work/held-connection.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import { checkCallbackUrl } from "./check-callback-url.server.ts";

export interface CallbackServices {
  /** Sandbox mode: loopback addresses are allowed as well. */
  allowLoopback: boolean;
  /** Replaces the system's lookup. */
  resolveName?: ResolveName;
  /** The time limit of the whole attempt, up to the status of the answer. */
  timeoutMs?: number;
}

interface Callback extends CallbackMessage {
  url: string;
  /** Null: the message goes unsigned. */
  secret: string | null;
}

/** `why` says cause and next step, and nothing of the network that was found on the way. */
export type CallbackOutcome = { ok: true } | { ok: false; why: string; isFinal: boolean };

const TIMEOUT_MS = 10_000;
/** The part of an answer that is read, so that a small one does not disturb the receiver. */
const MAX_ANSWER_BYTES = 4_096;

/** Posts a document once. Never rejects for anything the network or the receiver does. */
export async function attemptCallback(
  services: CallbackServices,
  { url, secret, ...message }: Callback,
): Promise<CallbackOutcome> {
  refuseWhileHolding("The receiver of a result");
  const fault = checkCallbackUrl(url, services);
  if (fault !== null) return refused(`The address ${fault}.`);
  const signed = signCallback(secret, message, new Date());
  if (signed === null) {
    return refused("The secret starts with whsec_, and what follows is not base64. Copy it again.");
  }
  const { resolveName = resolveBySystem, timeoutMs = TIMEOUT_MS } = services;
  // Made for the one attempt: a connection kept open would outlive the check of its address.
  const dispatcher = new Agent({
    allowH2: false,
    connect: { lookup: guardLookup(resolveName, services) },
  });
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "pinrelay", ...signed },
      body: message.body,
      dispatcher,
      signal,
    });
    // The status says it all, whatever becomes of the rest.
    await response.body.dump({ limit: MAX_ANSWER_BYTES, signal }).catch(() => {});
    return classifyStatus(response.statusCode);
  } catch (error) {
    return explain(error);
  } finally {
    await dispatcher.destroy();
  }
}

const resolveBySystem: ResolveName = (hostname) => lookup(hostname, { all: true });

function classifyStatus(status: number): CallbackOutcome {
  if (status >= 200 && status < 300) return { ok: true };
  if (status >= 300 && status < 400) {
    return failed(
      `The receiver answered ${status}, and redirects are not followed. Give the address that it leads to.`,
    );
  }
  // The convention's word for a receiver that is gone for good.
  if (status === 410) return refused("The receiver answered 410: it wants no more of these.");
  return failed(`The receiver answered ${status}; it has to answer 2xx. See its log.`);
}

/** The whole chain of a failure has only codes and names in it that are safe to repeat. */
function explain(error: unknown): CallbackOutcome {
  const { name, code } = error as Partial<Error & { code: unknown }>;
  if (code === "private_address") {
    return refused("The address is not public. Give one that is reachable from the internet.");
  }
  if (name === "TimeoutError" || String(code).endsWith("_TIMEOUT")) {
    return failed("The receiver took too long. It has to answer within 10 seconds.");
  }
  const detail = typeof code === "string" && /^[A-Z_]+$/.test(code) ? ` (${code})` : "";
  return failed(`The connection to the receiver failed${detail}. Check that it is up.`);
}

function failed(why: string): CallbackOutcome {
  return { ok: false, why, isFinal: false };
}

/** It would not help to try again. */
function refused(why: string): CallbackOutcome {
  return { ok: false, why, isFinal: true };
}

interface CallbackMessage {
  /** The same for every try: by it the receiver knows a repeat. */
  id: string;
  body: string;
}

/**
 * Headers of the Standard Webhooks convention. A secret that starts with `whsec_` is base64 after
 * that; any other is the bytes of its text. Without a secret there is no signature. Null for a
 * secret that cannot be one: `whsec_` and no base64, or nothing, behind it.
 */
function signCallback(
  secret: string | null,
  { id, body }: CallbackMessage,
  now: Date,
): Record<string, string> | null {
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
  };
  if (secret === null) return headers;
  const webhook = open(secret);
  return webhook && { ...headers, "webhook-signature": webhook.sign(id, now, body) };
}

function open(secret: string): Webhook | null {
  try {
    // Left to itself the library takes every text for base64, also one that only looks like it.
    return secret.startsWith("whsec_")
      ? new Webhook(secret)
      : new Webhook(Buffer.from(secret, "utf8"), { format: "raw" });
  } catch {
    return null;
  }
}

/** Returns all addresses of a name. Rejects if it has none. */
type ResolveName = (hostname: string) => Promise<LookupAddress[]>;

class PrivateAddressError extends Error {
  override name = "PrivateAddressError";
  code = "private_address";
}

/**
 * Looks a name up for the connection that is about to be made. The addresses that are checked are
 * those that are connected to: a name that answers otherwise the next time gains nothing by it. One
 * address that is not public refuses the name.
 */
function guardLookup(
  resolveName: ResolveName,
  { allowLoopback }: { allowLoopback: boolean },
): LookupFunction {
  const isAllowed = ({ address }: LookupAddress) =>
    isPublicAddress(address) || (allowLoopback && isLoopbackAddress(address));
  return (hostname, { all }, callback) => {
    resolveName(hostname).then(
      (found) => {
        const [first] = found;
        if (first === undefined || !found.every(isAllowed)) {
          callback(new PrivateAddressError("A name leads to an address that is not public"), "");
        } else if (all) {
          callback(null, found);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };
}

/** Milliseconds before the second try, and before the third. */
const PAUSES_MS = [1_000, 5_000];

/**
 * Posts a task's document to a URL, in up to three tries under the same id. For a process that ends
 * with its task; a serving one queues the document. Never rejects for what the network does.
 */
export async function postCallback(
  services: CallbackServices & { wait: (ms: number) => Promise<void> },
  callback: { url: string; secret: string | null; id: string; document: TaskDocument },
): Promise<{ ok: true; attempts: number } | { ok: false; attempts: number; why: string }> {
  const { document, ...address } = callback;
  const message = { ...address, body: JSON.stringify(document) };
  for (let attempts = 1; ; attempts++) {
    const outcome = await attemptCallback(services, message);
    if (outcome.ok) return { ok: true, attempts };
    const pauseMs = outcome.isFinal ? undefined : PAUSES_MS[attempts - 1];
    if (pauseMs === undefined) return { ok: false, attempts, why: outcome.why };
    await services.wait(pauseMs);
  }
}
