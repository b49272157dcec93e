import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { createRequestListener } from "@remix-run/node-fetch-server";
import type { ActionFunctionArgs } from "@remix-run/server-runtime";
import { runDelivery } from "#app/delivery/run-delivery.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { action, loader } from "#app/routes/flow-send-event.ts";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import { createShopify } from "#app/web/shopify.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { startLocalShopify } from "#test/sandbox/local-shopify.ts";
import {
  type FlowRun,
  type FlowRunOptions,
  runFlowAction,
} from "#test/sandbox/shopify/run-flow-action.ts";
import { createShopRecords } from "#test/sandbox/shopify/shop-records.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { openDelivery } from "#test/support/delivery-fixture.ts";

export const SECRETS = ["current-secret", "previous-secret"] as const;
const PINTEREST_TOKEN = "pina_CANARYOFTHEMERCHANT0123456789";

const APP_URL = "http://127.0.0.1:3999";
const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

export interface FlowStack extends Awaited<ReturnType<typeof openFlowStack>> {}

/** The Flow route over real HTTP, between a local Shopify, a strict Pinterest and a worker. */
export async function openFlowStack() {
  const db = await openTestDatabase();
  const records = createShopRecords();
  const shopify = await startLocalShopify({
    apiKey: "sandbox-key",
    apiSecret: [...SECRETS],
    appUrl: APP_URL,
    records,
  });
  const pinterest = await startLocalPinterest();
  const config = parseEnv({
    SHOPIFY_SANDBOX_URL: shopify.url,
    SHOPIFY_API_SECRET: SECRETS.join(","),
    SHOPIFY_APP_URL: APP_URL,
  });
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  const lines: string[] = [];
  const log = createLogger("debug", collect(lines));
  const library = await createShopify({ config, db, keyring, log });
  const server = await serve({ db, keyring, log, shopify: library });
  const delivery = openDelivery({ db, keyring, pinterestUrl: pinterest.url, timeoutMs: 500 });
  const worker = runDelivery(delivery);
  let shops = 0;

  /** The Admin API as an open page of the app has it. */
  async function adminOf(domain: string) {
    const headers = {
      "user-agent": BROWSER,
      authorization: `Bearer ${shopify.sessionToken(domain)}`,
    };
    const request = new Request(`${APP_URL}/app`, { headers });
    return (await library.authenticate.admin(request)).admin;
  }

  return {
    ...server,
    adminOf,
    db,
    keyring,
    records,
    shopify,
    pinterest,
    log: () => lines.join(""),
    /** A shop that opened the app; connected unless `adAccountId` is null. */
    async openShop({ isConnected = true, country = "US" } = {}) {
      shops += 1;
      const domain = `flow-${shops}.myshopify.com`;
      const adAccountId = String(549_800_000_000 + shops);
      shopify.installedShops.install({ domain, countryCode: country });
      await adminOf(domain);
      if (isConnected) {
        const connection = { domain, adAccountId, token: PINTEREST_TOKEN, actor: "test" };
        await connectAdAccount({ db, keyring }, connection);
      }
      return { domain, adAccountId };
    },
    run: (shop: { domain: string }, properties: object, options: Partial<FlowRunOptions> = {}) =>
      runFlowAction(server.url, shop.domain, properties, {
        secret: SECRETS[0],
        tries: 1,
        ...options,
      }),
    async close() {
      await worker.stop();
      await delivery.close();
      await server.stop();
      await shopify.close();
      await pinterest.close();
      await db.close();
    },
  };
}

function collect(lines: string[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
}

/** As Remix does: GET and HEAD to the loader, all else to the action; a thrown Response is the answer. */
async function serve(context: object) {
  const listener = createRequestListener(async (request) => {
    if (request.method === "GET" || request.method === "HEAD") return loader();
    const given = { request, context, params: {} } as unknown as ActionFunctionArgs;
    return action(given).catch((thrown: unknown) => {
      if (thrown instanceof Response) return thrown;
      throw thrown;
    });
  });
  const server = http.createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/flow/send-event`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** What Pinterest has of a shop, by event id. */
export function acceptedOf(pinterest: LocalPinterest, { adAccountId }: { adAccountId: string }) {
  return pinterest.ledger.accepted
    .filter((accepted) => accepted.adAccountId === adAccountId)
    .map(({ eventId, eventName, count, event }) => ({ eventId, eventName, count, event }));
}

/** The one text that a merchant reads. */
export function messageOf({ answer }: FlowRun): string {
  return (answer as { message: string }).message;
}
