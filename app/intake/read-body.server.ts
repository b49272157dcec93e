import type { IncomingMessage } from "node:http";

/** The raw bytes of a request; null when there are more than `limit`. Rejects when it is cut off. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limit) return Promise.resolve(null);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) {
      // What is still coming is read and thrown away until the answer closes the connection.
      chunks.length = 0;
      resolve(null);
    } else {
      chunks.push(chunk);
    }
  });
  request.on("end", () =>
    resolve(chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks)),
  );
  request.on("error", reject);
  return promise;
}
