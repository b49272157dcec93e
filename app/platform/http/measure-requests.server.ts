import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Histogram, type Registry } from "prom-client";
import { isTracing, traced } from "#app/platform/trace.server.ts";

/** The addresses that pages and callers use, by how they begin; none is made of what a caller sends. */
const ROUTES = [
  "/webhooks",
  "/pixel",
  "/app",
  "/assets",
  "/auth",
  "/api/v1/tasks",
  "/flow/send-event",
  "/pinterest/callback",
] as const;

/**
 * Measures what has no metric of its own: not `/webhooks` and `/pixel`, nor what a monitor asks for
 * every few seconds.
 */
export function createRequestMetrics(
  registry: Registry,
): (path: string, response: ServerResponse) => void {
  const seconds = new Histogram({
    name: "http_request_duration_seconds",
    help: "Requests of the admin and the API, from the first byte to the last of the answer",
    labelNames: ["route", "status_class"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return (path, response) => {
    const startedAt = performance.now();
    const route = findRoute(path);
    response.once("close", () => {
      const status_class = `${Math.floor(response.statusCode / 100)}xx`;
      seconds.observe({ route, status_class }, (performance.now() - startedAt) / 1_000);
    });
  };
}

/** Answers a request within a span, which ends with the answer. */
export function answerTraced(
  { method = "" }: IncomingMessage,
  response: ServerResponse,
  { path, work }: { path: string; work: () => Promise<void> },
): Promise<void> {
  // Waiting for the answer's end is only worth it for a span.
  if (!isTracing()) return work();
  return traced(
    "request",
    { method: isMethod(method) ? method : "_OTHER", route: findRoute(path) },
    async (span) => {
      await work();
      if (!response.closed) await once(response, "close").catch(() => {});
      span.set({ httpStatus: response.statusCode });
    },
  );
}

const isMethod = (method: string) => ["GET", "HEAD", "POST", "OPTIONS"].includes(method);

/** The route of a path, as metrics and traces name it. */
function findRoute(path: string): string {
  return ROUTES.find((route) => path === route || path.startsWith(`${route}/`)) ?? "other";
}
