import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { createIntake } from "#app/intake/handle-webhook.server.ts";
import { createIntakeMetrics } from "#app/intake/intake-metrics.server.ts";
import { createSerializer } from "#app/intake/serializer.server.ts";
import { storeWebhooks } from "#app/intake/store-webhooks.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { type ByteBudget, createByteBudget } from "#app/platform/bodies/byte-budget.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { createLogger, type Logger } from "#app/platform/logger.server.ts";
import { createRegistry } from "#app/platform/metrics.server.ts";
import { webhookHeaders } from "#test/sandbox/shopify/webhook-signing.ts";

export interface Delivered {
  status: number;
  headers: Headers;
  text: string;
}

export interface IntakeServer {
  url: string;
  /** Sends a body as Shopify would; `headers` are changed last, undefined takes one away. */
  deliver(
    topic: string,
    shop: string,
    body: string | Uint8Array | object,
    headers?: Record<string, string | undefined>,
  ): Promise<Delivered>;
  close(): Promise<void>;
}

export const SECRET = "the-secret-of-the-app";

/** `POST /webhooks` alone, over real HTTP, on a database of the test. */
export async function startIntakeServer(
  services: { db: Database; keyring: Keyring },
  options: {
    secrets?: string[];
    nowMs?: () => number;
    bodies?: ByteBudget;
    log?: Logger;
    registry?: Registry;
  } = {},
): Promise<IntakeServer> {
  const log = options.log ?? createLogger("silent");
  const waker = createWaker({ db: services.db, log });
  const shared = {
    ...services,
    log,
    waker,
    nowMs: options.nowMs ?? Date.now,
    serialize: createSerializer(),
  };
  const intake = createIntake({
    ...shared,
    bodies: options.bodies ?? createByteBudget(),
    db: services.db.reserved,
    metrics: createIntakeMetrics(options.registry ?? createRegistry()),
    secrets: options.secrets ?? [SECRET],
    storeWebhooks: (webhooks, patience) => storeWebhooks(shared, webhooks, patience),
  });
  const server = http.createServer((request, response) => {
    void intake.handleWebhook(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async deliver(topic, shop, body, changes = {}) {
      const isBytes = typeof body === "string" || body instanceof Uint8Array;
      const bytes = isBytes ? body : JSON.stringify(body);
      const all: Record<string, string | undefined> = {
        ...webhookHeaders({ topic, shop, secret: SECRET, body: bytes }),
        ...changes,
      };
      const headers = Object.entries(all).filter(([, value]) => value !== undefined);
      const response = await fetch(`${url}/webhooks`, {
        method: "POST",
        headers: headers as [string, string][],
        body: bytes as BodyInit,
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    async close() {
      await intake.drain();
      await waker.settle(1_000);
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
