import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { createRequestListener } from "@remix-run/node-fetch-server";
import { createPinterestClient } from "#app/pinterest/client.server.ts";
import { createByteBudget } from "#app/platform/bodies/byte-budget.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { createQueue } from "#app/platform/queue.server.ts";
import { answerTaskRequest } from "#app/tasks/http/answer-task-request.server.ts";
import { createKeyLoad } from "#app/tasks/http/key-load.server.ts";

export interface ApiAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what it holds is what the tests look at
  json: any;
}

export interface TaskApi {
  url: string;
  /** Posts to the API as a caller of it would. */
  post(key: string | null, input: unknown): Promise<ApiAnswer>;
  close(): Promise<void>;
}

/** `POST /api/v1/tasks` alone, over real HTTP, on a database of the test. */
export async function startTaskApi(
  services: { db: Database; keyring: Keyring },
  pinterestUrl: string,
): Promise<TaskApi> {
  const pinterest = createPinterestClient({ apiUrl: pinterestUrl });
  const all = {
    ...services,
    pinterest,
    bodies: createByteBudget(),
    keyLoad: createKeyLoad(),
    log: createLogger("silent"),
    queue: createQueue({ db: services.db, log: createLogger("silent") }),
    config: { PINTEREST_API_URL: pinterestUrl, SHOPIFY_SANDBOX_URL: "http://127.0.0.1:9" },
  };
  const server = http.createServer(
    createRequestListener((request) => answerTaskRequest(all, request)),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/tasks`;
  return {
    url,
    async post(key, input) {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(key !== null && { authorization: `Bearer ${key}` }),
        },
        body: typeof input === "string" ? input : JSON.stringify(input),
      });
      return { status: response.status, headers: response.headers, json: await response.json() };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await Promise.all([pinterest.close(), all.queue.stop()]);
    },
  };
}
