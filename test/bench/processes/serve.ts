import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

/** Listens with the app's own settings for `node:http`, tells the parent where, and ends with it. */
export async function serve(take: http.RequestListener): Promise<void> {
  const server = http.createServer(
    { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 15_000 },
    take,
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.on("disconnect", () => process.exit());
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
