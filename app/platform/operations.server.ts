import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import type { Config } from "#app/platform/env/env.server.ts";

/** A condition for taking traffic. Gives null when it holds, otherwise what is wrong. */
export type ReadinessCheck = () => Promise<string | null>;

/** Ages in seconds of things that must not grow old, by name; null when there is none yet. */
export type Progress = Record<string, () => number | null>;

export interface OperationsServices {
  config: Pick<Config, "HOST" | "METRICS_TOKEN">;
  registry: Registry;
  readiness: Record<string, ReadinessCheck>;
  progress: Progress;
}

const PATHS = ["/healthz", "/readyz", "/metrics"];

const isRead = ({ method }: IncomingMessage) => method === "GET" || method === "HEAD";

/** Serves `/healthz`, `/readyz` and `/metrics`, in every role. False when the path is another one. */
export async function answerOperations(
  services: OperationsServices,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (PATHS.includes(path) && !isRead(request)) {
    response.writeHead(405, { Allow: "GET, HEAD", Connection: "close" }).end();
    return true;
  }
  switch (path) {
    case "/healthz":
      sendJson(response, 200, { status: "ok" });
      return true;
    case "/readyz":
      await answerReadiness(services, response);
      return true;
    case "/metrics":
      await answerMetrics(services, request, response);
      return true;
    default:
      return false;
  }
}

async function answerReadiness(
  { readiness, progress }: OperationsServices,
  response: ServerResponse,
): Promise<void> {
  const checks = await Promise.all(
    Object.entries(readiness).map(async ([name, check]) => {
      const problem = await check().catch((error: unknown) => String((error as Error).message));
      return [name, problem] as const;
    }),
  );
  const failing = Object.fromEntries(checks.filter(([, problem]) => problem !== null));
  const isReady = Object.keys(failing).length === 0;
  const ages = Object.fromEntries(Object.entries(progress).map(([name, age]) => [name, age()]));
  sendJson(response, isReady ? 200 : 503, isReady ? { status: "ready", ...ages } : { failing });
}

async function answerMetrics(
  { config, registry }: OperationsServices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!mayReadMetrics(config, request)) {
    sendJson(response, 403, {
      error: { code: "forbidden", message: "Set METRICS_TOKEN and send it as a bearer token." },
    });
    return;
  }
  response.setHeader("Content-Type", registry.contentType);
  response.end(await registry.metrics());
}

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127\.)/;
const LOOPBACK_NAME = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i;
/** Headers that proxies add. */
const PROXY_HEADER =
  /^(x-(original-)?forwarded|x-real-ip$|forwarded$|via$|cf-|cdn-|x-envoy-|x-amz)|-ip$/;

/**
 * Without a token, only this machine may read, from a process that listens on loopback only, and by
 * a loopback host name: a proxy on the machine, or a page whose name was made to resolve here, uses
 * another host name.
 */
function mayReadMetrics(
  { HOST, METRICS_TOKEN: token }: OperationsServices["config"],
  { headers, socket }: IncomingMessage,
): boolean {
  if (token === undefined) {
    const name = (headers.host ?? "").replace(/:\d+$/, "");
    return (
      [HOST, name].every((host) => LOOPBACK_NAME.test(host)) &&
      LOOPBACK_ADDRESS.test(socket.remoteAddress ?? "") &&
      !Object.keys(headers).some((name) => PROXY_HEADER.test(name))
    );
  }
  const given = Buffer.from(headers.authorization ?? "");
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(body));
}
