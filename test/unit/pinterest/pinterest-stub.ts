import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import {
  createPinterestClient,
  type PinterestClient,
  type PinterestClientOptions,
} from "#app/pinterest/client.server.ts";

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

type Respond = (response: ServerResponse, request: SeenRequest) => void;

/** A server that answers as the test says, and a client of it; both end with the test. */
export async function startPinterest(
  respond: Respond,
  options: Partial<PinterestClientOptions> = {},
): Promise<{ client: PinterestClient; requests: SeenRequest[]; url: string }> {
  const requests: SeenRequest[] = [];
  const server = createServer(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    const { method = "", url = "", headers } = incoming;
    const seen = { method, url, headers, body };
    requests.push(seen);
    respond(response, seen);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createPinterestClient({ apiUrl: `${url}/v5`, ...options });
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await client.close();
  });
  return { client, requests, url };
}

export function answer(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Respond {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return (response) => response.writeHead(status, headers).end(text);
}

/** An answer from test/fixtures/pinterest/answers. */
export function fixture<T = Record<string, unknown>>(name: string): T {
  const url = new URL(`../../fixtures/pinterest/answers/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as T;
}

export const AD_ACCOUNT = "549755885175";
/** Not in the form of Pinterest's tokens, which are removed from messages wherever they stand. */
export const TOKEN = "SECRETTOKEN-of-the-merchant-0123456789";

/** Two events, as JSON text. */
export const BODIES = ["1001", "1002"].map((orderId) =>
  JSON.stringify({
    event_name: "checkout",
    action_source: "web",
    event_time: 1795428000,
    event_id: `order-${orderId}-checkout`,
    user_data: {
      client_ip_address: "203.0.113.7",
      client_user_agent: `Mozilla/5.0 (order ${orderId})`,
      click_id: `dj0yJnU9${orderId}`,
    },
  }),
);

/** The two events, to the merchant's ad account. */
export const BATCH = { adAccountId: AD_ACCOUNT, token: TOKEN, bodies: BODIES };
