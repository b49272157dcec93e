import { Agent, type Dispatcher, request } from "undici";
import { refuseWhileHolding } from "#app/platform/held-connection.server.ts";
import { type Exchange, lostTo, type PinterestRequest, type Refusal } from "./exchange.server.ts";
import { ATTEMPT_TIMEOUT_MS, MAX_CONNECTIONS } from "./limits.server.ts";
import { readExchange } from "./read-exchange.server.ts";

export interface TransportOptions {
  /** Base of every path, such as `https://api.pinterest.com/v5`. */
  apiUrl: string;
  connections?: number | undefined;
  timeoutMs?: number | undefined;
  /** Only for `Retry-After` dates. */
  nowMs?: (() => number) | undefined;
}

export interface Transport {
  /** One attempt. Never rejects for anything the network or Pinterest does. */
  send(request: PinterestRequest): Promise<Exchange>;
  /** Resolves when the attempts under way have ended. */
  close(): Promise<void>;
}

/** Connections to Pinterest, kept open between requests. Redirects are not followed. */
export function createTransport(options: TransportOptions): Transport {
  const baseUrl = options.apiUrl.replace(/\/+$/, "");
  const timeoutMs = options.timeoutMs ?? ATTEMPT_TIMEOUT_MS;
  const nowMs = options.nowMs ?? Date.now;
  const dispatcher = new Agent({
    connections: options.connections ?? MAX_CONNECTIONS,
    // Over one shared HTTP/2 connection, one fault would take every attempt with it.
    allowH2: false,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  async function send(outgoing: PinterestRequest): Promise<Exchange> {
    refuseWhileHolding("Pinterest");
    if (!SENDABLE.test(outgoing.authorization)) return UNSENDABLE;
    let response: Dispatcher.ResponseData;
    try {
      response = await request(baseUrl + outgoing.path, {
        dispatcher,
        ...toUndici(outgoing),
        // For the attempt as a whole: the agent's body timeout starts again with every byte.
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
  const headers = { accept: "application/json", "user-agent": "pinrelay", authorization };
  return body === undefined
    ? { method, headers }
    : { method, headers: { ...headers, "content-type": body.type }, body: body.text };
}

/** Undici throws at a header with anything else, a line break in a pasted token say. */
const SENDABLE = /^[\x21-\x7e]+ [\x21-\x7e]+$/;

/** Pinterest would say the same of such a token if it could be sent. */
const UNSENDABLE: Refusal = {
  kind: "refusal",
  httpStatus: 401,
  // Pinterest's for a token that it does not know.
  code: 2,
  isJson: true,
  message: "The access token is empty or holds characters that no token has; nothing was sent",
  retryAfterSeconds: null,
  details: null,
};
