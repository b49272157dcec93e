import http from "node:http";
import net from "node:net";

export interface RawAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
}

export interface RawRequest {
  method?: string;
  headers?: http.OutgoingHttpHeaders;
  body?: string | Buffer;
  /** Sends this many bytes in chunks, of no length that was declared. */
  endless?: number;
}

const CHUNK = Buffer.alloc(64 * 1024, "x");

/** A request whose target is sent as it is written: `fetch` would put it right first. */
export function askRaw(base: string, target: string, ask: RawRequest = {}): Promise<RawAnswer> {
  const { hostname, port } = new URL(base);
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const { method = "GET", headers = {}, body, endless } = ask;
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const request = http.request({
    hostname,
    port,
    path: target,
    method,
    headers: { ...length, ...headers },
  });
  let hasAnswer = false;
  request.on("response", (response) => {
    hasAnswer = true;
    const chunks: Buffer[] = [];
    const end = () => {
      const bytes = Buffer.concat(chunks);
      const { statusCode = 0, headers } = response;
      resolve({ status: statusCode, headers, bytes, text: bytes.toString() });
    };
    response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", end);
    // The rest of a body that nobody wants is cut off.
    response.on("error", end);
  });
  request.on("error", (error) => hasAnswer || reject(error));
  if (endless === undefined) request.end(body);
  else void pour(request, endless, () => hasAnswer);
  return promise;
}

async function pour(
  request: http.ClientRequest,
  bytes: number,
  isOver: () => boolean,
): Promise<void> {
  let wake = () => {};
  request.on("drain", () => wake()).on("close", () => wake());
  for (let sent = 0; sent < bytes && !isOver() && !request.destroyed; sent += CHUNK.length) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (request.write(CHUNK)) setImmediate(resolve);
    });
  }
  request.end();
}

/** Sends bytes as they are, and returns all that comes back until the server closes. */
export function sendText(base: string, text: string): Promise<string> {
  const { hostname, port } = new URL(base);
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = net.connect({ host: hostname, port: Number(port) });
  let answer = "";
  socket.setEncoding("latin1").on("data", (part) => {
    answer += part;
  });
  socket.on("close", () => resolve(answer)).on("error", () => {});
  socket.write(text);
  return promise;
}
