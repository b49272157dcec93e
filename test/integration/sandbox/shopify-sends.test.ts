import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { RETRY_DELAYS_MS } from "#test/sandbox/shopify/deliver-webhooks.ts";
import { signWebhook } from "#test/sandbox/shopify/webhook-signing.ts";

const SHOP = "demo.myshopify.com";

interface Received {
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

let app: Server;
let received: Received[];
let answers: number[];
let shopify: LocalShopify;

beforeEach(async () => {
  received = [];
  answers = [];
  app = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ path: request.url, headers: request.headers, body });
    response.writeHead(answers.shift() ?? 200, { location: "/elsewhere" });
    response.end();
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  const { port } = app.address() as AddressInfo;
  shopify = await startLocalShopify({
    apiKey: "key",
    apiSecret: ["current", "previous"],
    appUrl: `http://127.0.0.1:${port}`,
    timeScale: 0,
  });
});
afterEach(async () => {
  await shopify.close();
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
});

describe("webhooks", () => {
  test("carry every header Shopify sends, signed over the bytes with the current secret", async () => {
    const body = '{ "id": 820982911946154508, "name": "Zoë" }';
    const delivery = await shopify.deliver("orders/create", SHOP, body, { name: "orders" });
    expect(delivery).toMatchObject({ status: 200, tries: 1 });
    expect(received[0]).toMatchObject({
      path: "/webhooks",
      body,
      headers: {
        "content-type": "application/json",
        "x-shopify-topic": "orders/create",
        "x-shopify-shop-domain": SHOP,
        "x-shopify-api-version": "2026-10",
        "x-shopify-webhook-id": delivery.webhookId,
        "x-shopify-event-id": delivery.eventId,
        "x-shopify-name": "orders",
        "x-shopify-hmac-sha256": signWebhook("current", body),
      },
    });
    expect(received[0]?.headers["x-shopify-triggered-at"]).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  test("the signature is what openssl makes of the same bytes", () => {
    // echo -n '{"a":1}' | openssl dgst -sha256 -hmac hush -binary | base64
    expect(signWebhook("hush", '{"a":1}')).toBe("3+Yq/TpwjqJ7IXuMq8EfED7b+y0XbokqOKLUdagDxMI=");
  });

  test("come again under the same webhook id, after anything but 2xx", async () => {
    answers = [500, 302, 404, 202];
    const delivery = await shopify.deliver("orders/create", SHOP, { id: 1 });
    expect(delivery).toMatchObject({ status: 202, statuses: [500, 302, 404, 202] });
    const ids = received.map(({ headers }) => headers["x-shopify-webhook-id"]);
    expect(new Set(ids).size).toBe(1);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  });

  test("stop after eight retries, which would have taken four hours", async () => {
    answers = Array(20).fill(503);
    const delivery = await shopify.deliver("orders/create", SHOP, {});
    expect(delivery).toMatchObject({ status: 503, tries: 9 });
    expect(RETRY_DELAYS_MS).toHaveLength(8);
    const total = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0);
    expect(Math.round(total)).toBe(4 * 60 * 60 * 1000);
  });

  test("may be forged, and may lack a header", async () => {
    const headers = { "X-Shopify-Topic": undefined, "x-extra": "1" };
    const options = { secret: "forged", headers, retries: 0 };
    await shopify.deliver("orders/create", SHOP, "{}", options);
    expect(received[0]?.headers["x-shopify-hmac-sha256"]).toBe(signWebhook("forged", "{}"));
    expect(received[0]?.headers).not.toHaveProperty("x-shopify-topic");
    expect(received[0]?.headers["x-extra"]).toBe("1");
  });

  test("an app that is not there is a failed try, not an error", async () => {
    shopify.setAppUrl("http://127.0.0.1:9");
    const delivery = await shopify.deliver("orders/create", SHOP, {}, { retries: 1 });
    expect(delivery).toMatchObject({ status: null, tries: 2 });
  });

  test("sent without waiting are all there after drain, in the order of sending", async () => {
    for (let id = 0; id < 50; id += 1) shopify.send("orders/create", SHOP, { id });
    const deliveries = await shopify.drain();
    expect(deliveries).toHaveLength(50);
    expect(deliveries.every(({ status }) => status === 200)).toBe(true);
    expect(received).toHaveLength(50);
  });

  test("an uninstalled shop's tokens end before the app is told", async () => {
    shopify.installedShops.install({ domain: SHOP });
    const { accessToken } = shopify.installedShops.issueTokens(SHOP, true);
    expect(shopify.installedShops.ownerOf(accessToken)).toBe(SHOP);
    await shopify.uninstall(SHOP);
    expect(shopify.installedShops.ownerOf(accessToken)).toBeNull();
    expect(received[0]?.headers["x-shopify-topic"]).toBe("app/uninstalled");
    expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({ myshopify_domain: SHOP });
  });
});
