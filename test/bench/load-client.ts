import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

export interface LoadOptions {
  /** `http://127.0.0.1:<port>`; load is sent to this machine alone. */
  url: string;
  connections: number;
  /** Left out: each connection sends as soon as it has its answer. */
  perSecond?: number;
  deadlineMs: number;
}

export interface Load {
  seconds: number;
  /** Answers other than 200 and 202. */
  refused: number;
  /** From when a request was due to be sent, so that a stalled server is not spared its queue. */
  latenciesMs: Float64Array;
  /** When each request was due, in milliseconds since 1970. */
  dueAtMs: Float64Array;
}

/**
 * Sends ready-made requests over kept connections, each once, and waits for all answers. It writes
 * bytes to sockets, because the client shares the cores with what is measured.
 *
 * @throws Error when a connection breaks or the deadline passes
 */
export async function sendLoad(
  requests: readonly Uint8Array[],
  options: LoadOptions,
): Promise<Load> {
  const sockets = await Promise.all(
    Array.from({ length: options.connections }, () => open(options.url)),
  );
  const deadline = setTimeout(() => {
    for (const socket of sockets) socket.destroy(new Error("the load took too long"));
  }, options.deadlineMs);
  const intervalMs = options.perSecond === undefined ? 0 : 1_000 / options.perSecond;
  const latenciesMs = new Float64Array(requests.length);
  const dueAtMs = new Float64Array(requests.length);
  const startedAt = performance.now();
  let next = 0;
  let refused = 0;

  async function sendOn(socket: Socket): Promise<void> {
    const send = createExchange(socket);
    while (next < requests.length) {
      const index = next;
      next += 1;
      const dueAt = intervalMs === 0 ? performance.now() : startedAt + index * intervalMs;
      const earlyMs = dueAt - performance.now();
      if (earlyMs > 0) await wait(earlyMs);
      const status = await send(requests[index] as Uint8Array);
      if (status !== 200 && status !== 202) refused += 1;
      latenciesMs[index] = performance.now() - dueAt;
      dueAtMs[index] = performance.timeOrigin + dueAt;
    }
  }

  try {
    await Promise.all(sockets.map(sendOn));
    return { seconds: (performance.now() - startedAt) / 1_000, refused, latenciesMs, dueAtMs };
  } finally {
    clearTimeout(deadline);
    for (const socket of sockets) socket.destroy();
  }
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  if (hostname !== "127.0.0.1") throw new Error("load is sent to 127.0.0.1 alone");
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, "connect");
  return socket;
}

/** One request at a time on one connection; resolves with the status. */
function createExchange(socket: Socket): (request: Uint8Array) => Promise<number> {
  let answer = "";
  let pending: PromiseWithResolvers<number> | undefined;
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
    if (!isWhole(answer)) return;
    pending?.resolve(Number(answer.slice(9, 12)));
    answer = "";
  });
  socket.on("error", (error) => pending?.reject(error));
  socket.on("close", () => pending?.reject(new Error("the server closed the connection")));
  return (request) => {
    pending = Promise.withResolvers();
    socket.write(request);
    return pending.promise;
  };
}

function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(answer)?.[1] ?? 0);
  return answer.length >= headEnd + 4 + length;
}
