import { createHmac, randomUUID } from "node:crypto";
import { orderBody } from "#test/sandbox/sample-orders.ts";

/** A signed `orders/create` as the bytes of a whole HTTP request. */
export interface SignedOrder {
  orderId: string;
  request: Buffer;
}

export interface OrderSource {
  /** Orders that no other call has given, about 8 kB each, for shops in turn. */
  sign(count: number, shops: readonly string[]): SignedOrder[];
  /** The same without a signature: the body alone. */
  bodies(count: number): Buffer[];
}

const TEMPLATES = 100;
const FIRST_ID = 7_000_000_000_000;
/** No order's own id: lines and customers have ids near their order's. */
const TEMPLATE_ID = 3_000_000_000_000;
const TEMPLATE_ID_STEP = 1_000;

/**
 * Orders of a hundred shoppers, each with an id of its own. Writing a body takes longer than taking
 * it does, so the rest of it is written once per shopper.
 */
export function createOrderSource(secret: string): OrderSource {
  const templates = Array.from({ length: TEMPLATES }, (_, index) => {
    const id = String(TEMPLATE_ID + index * TEMPLATE_ID_STEP);
    return { id, text: JSON.stringify(orderBody({ id, lineCount: 1 })) };
  });
  let made = 0;

  function next(): { orderId: string; body: Buffer } {
    const template = templates[made % TEMPLATES] as { id: string; text: string };
    const orderId = String(FIRST_ID + made);
    made += 1;
    return { orderId, body: Buffer.from(template.text.replaceAll(template.id, orderId)) };
  }

  return {
    sign: (count, shops) =>
      Array.from({ length: count }, (_, index) => {
        const { orderId, body } = next();
        const shop = shops[index % shops.length] ?? "";
        return { orderId, request: toRequest(secret, shop, body) };
      }),
    bodies: (count) => Array.from({ length: count }, () => next().body),
  };
}

function toRequest(secret: string, shop: string, body: Buffer): Buffer {
  const head = [
    "POST /webhooks HTTP/1.1",
    "Host: 127.0.0.1",
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "User-Agent: Shopify-Captain-Hook",
    "X-Shopify-Topic: orders/create",
    `X-Shopify-Shop-Domain: ${shop}`,
    "X-Shopify-Api-Version: 2026-10",
    `X-Shopify-Webhook-Id: ${randomUUID()}`,
    `X-Shopify-Event-Id: ${randomUUID()}`,
    `X-Shopify-Triggered-At: ${new Date().toISOString()}`,
    `X-Shopify-Hmac-Sha256: ${createHmac("sha256", secret).update(body).digest("base64")}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}
