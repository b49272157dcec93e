import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The answer of a sandbox server; `json` or `text`, never both. */
export interface Answer {
  status: number;
  /** A list for a header that comes more than once. */
  headers?: Record<string, string | string[]>;
  json?: unknown;
  text?: string;
}

export interface SandboxRequest {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export interface LocalServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  port: number;
  /** Cuts every connection, also those that hang on purpose. */
  close(): Promise<void>;
}

type Serve = (
  request: SandboxRequest,
  response: ServerResponse,
) => Answer | undefined | Promise<Answer | undefined>;

/** Far above what a thousand events take; only there so that a runaway test cannot fill memory. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new Error("the sandbox refuses bodies over 64 MiB");
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** Writes an answer with its exact length. */
export function sendAnswer(response: ServerResponse, answer: Answer): void {
  const isJson = answer.json !== undefined;
  const body = isJson ? JSON.stringify(answer.json) : (answer.text ?? "");
  const type = isJson ? "application/json" : "text/html; charset=utf-8";
  response.writeHead(answer.status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    ...answer.headers,
  });
  response.end(body);
}

async function serveOne(
  serve: Serve,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const answer = await serve(
      {
        method: incoming.method ?? "GET",
        url: new URL(incoming.url ?? "/", "http://sandbox.invalid"),
        headers: incoming.headers,
        body: await readBody(incoming),
      },
      response,
    );
    if (answer !== undefined) sendAnswer(response, answer);
  } catch (error) {
    // A caller that went away mid-body is part of what the sandbox is for; all else is a bug here.
    if (incoming.destroyed && !incoming.complete) return;
    if (response.headersSent) response.destroy();
    else sendAnswer(response, { status: 500, text: `sandbox failed: ${String(error)}` });
  }
}

/**
 * A loopback HTTP server. `serve` gets the whole body and returns the answer, or undefined when it
 * has taken the response over (to hang, to drip, to reset).
 */
export async function startLocalServer(serve: Serve, port = 0): Promise<LocalServer> {
  const server = createServer((incoming, response) => void serveOne(serve, incoming, response));
  // Node would end a kept-alive connection after 5 s, just when a client reuses it.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
