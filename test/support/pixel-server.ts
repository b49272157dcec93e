import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { createPixelIntake, type PixelServices } from "#app/intake/pixel/handle-pixel.server.ts";
import { createPixelMetrics } from "#app/intake/pixel/pixel-metrics.server.ts";
import { createPixelStore } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { createByteBudget } from "#app/platform/bodies/byte-budget.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { createRegistry } from "#app/platform/metrics.server.ts";

export const BROWSER =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36";

/** The shop's name and key, which each body of its pixel has. */
export interface PixelOwner {
  domain: string;
  pixelKey: string;
}

export interface PixelParts {
  id?: string;
  timestamp?: string;
  clientId?: string | null;
  consent?: object | null;
  clickId?: string | null;
  href?: string;
  data?: object;
  customData?: object;
  region?: string;
}

let made = 0;

/** A body as the pixel sends one. */
export function pixelBody(
  { domain, pixelKey }: PixelOwner,
  name: string,
  parts: PixelParts = {},
): Record<string, unknown> {
  made += 1;
  const { clientId = "11111111-2222-4333-8444-555555555555", data = {}, customData } = parts;
  return {
    shop: domain,
    pixel_key: pixelKey,
    consent: parts.consent === undefined ? CONSENT : parts.consent,
    click_id: parts.clickId ?? null,
    ...(parts.region !== undefined && { region: parts.region }),
    event: {
      id: parts.id ?? `sh-${made}`,
      name,
      timestamp: parts.timestamp ?? new Date().toISOString(),
      clientId,
      context: {
        document: { location: { href: parts.href ?? `https://${domain}/products/socks?x=1` } },
        navigator: { userAgent: BROWSER, language: "en-GB" },
      },
      data,
      ...(customData !== undefined && { customData }),
    },
  };
}

const CONSENT = {
  marketingAllowed: true,
  analyticsProcessingAllowed: true,
  preferencesProcessingAllowed: true,
  saleOfDataAllowed: true,
};

export interface PixelServer {
  url: string;
  /** Sends a body as a browser does; returns the status. */
  send(body: object | string | Uint8Array, headers?: Record<string, string>): Promise<number>;
  ask(init: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export type PixelOptions = Partial<Pick<PixelServices, "nowMs" | "trustedProxies" | "storeBodies">>;

/** `/pixel` alone, over real HTTP, on a database of the test. */
export async function startPixelServer(
  services: { db: Database; keyring: Keyring },
  options: PixelOptions = {},
): Promise<PixelServer> {
  const log = createLogger("silent");
  const waker = createWaker({ db: services.db, log });
  const nowMs = options.nowMs ?? Date.now;
  const pixel = createPixelIntake({
    log,
    metrics: createPixelMetrics(createRegistry(), () => 0),
    nowMs,
    bodies: createByteBudget(),
    trustedProxies: [],
    storeBodies: createPixelStore({ ...services, log, waker, nowMs }),
    ...options,
  });
  const server = http.createServer((request, response) => {
    void pixel.handlePixel(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = (init: RequestInit) => fetch(`${url}/pixel`, init);
  return {
    url,
    ask,
    async send(body, headers = {}) {
      const isBytes = typeof body === "string" || body instanceof Uint8Array;
      const response = await ask({
        method: "POST",
        headers: { "content-type": "text/plain", "user-agent": BROWSER, ...headers },
        body: (isBytes ? body : JSON.stringify(body)) as BodyInit,
      });
      await response.arrayBuffer();
      return response.status;
    },
    async close() {
      await pixel.drain();
      await waker.settle(1_000);
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** The name and the key of a shop that is there. */
export async function pixelOwner(db: Database, domain: string): Promise<PixelOwner> {
  const { rows } = await db.pool.query<{ pixel_key: string }>(
    "select pixel_key from shop where domain = $1",
    [domain],
  );
  return { domain, pixelKey: rows[0]?.pixel_key ?? "" };
}
