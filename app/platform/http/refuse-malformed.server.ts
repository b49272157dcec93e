import http from "node:http";
import type { Duplex } from "node:stream";
import { baseHeaders, setBaseHeaders } from "./base-headers.server.ts";

/** Statuses by the code of Node's error; any other error is a request that could not be read. */
const STATUS = new Map([
  ["HPE_HEADER_OVERFLOW", 431],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
]);

/** Answers bytes that never become a request, as Node would, and with the headers of every response. */
export function refuseMalformed(server: http.Server, appUrl: string): void {
  const headers = { ...baseHeaders(appUrl), Connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const answers = new WeakMap<Duplex, http.ServerResponse>();
  server.on("request", ({ socket }, response) => void answers.set(socket, response));
  server.on("checkExpectation", (_request: http.IncomingMessage, response: http.ServerResponse) => {
    setBaseHeaders(response, appUrl);
    response.writeHead(417, { Connection: "close" }).end();
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket);
    // In the middle of another response it would be read as part of that one.
    const isFree = !answer?.headersSent || answer.writableFinished;
    if (socket.writable && isFree && error.code !== "ECONNRESET") {
      const status = STATUS.get(error.code ?? "") ?? 400;
      socket.write(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join("")}\r\n`);
    }
    socket.destroy();
  });
}
