import { createHmac, randomUUID } from "node:crypto";
import { orderBody as orderSchema } from "#app/intake/read/read-order.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { cutBody, includeFieldsOf } from "#test/sandbox/shopify/include-fields.ts";

/** A signed `orders/create` as the bytes of a whole HTTP request. */
export interface SignedOrder {
  orderId: string;
  request: Buffer;
}

export interface OrderSource {
  /** Orders that no other call has given, about 8 kB each, for shops in turn. */
  sign(count: number, shops: readonly string[]): SignedOrder[];
  /** The same as Shopify sends it for the `include_fields` of shopify.app.toml: about 3 kB. */
  signCut(count: number, shops: readonly string[]): SignedOrder[];
  /** The same without a signature: the body alone. */
  bodies(count: number): Buffer[];
  /** The bodies that `signCut` signs. */
  cutBodies(count: number): Buffer[];
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
  const fields = includeFieldsOf(orderSchema);
  const templates = Array.from({ length: TEMPLATES }, (_, index) => {
    const id = String(TEMPLATE_ID + index * TEMPLATE_ID_STEP);
    const body = orderBody({ id, lineCount: 1 });
    return { id, whole: JSON.stringify(body), cut: JSON.stringify(cutBody(body, fields)) };
  });
  let made = 0;

  function next(kind: "whole" | "cut" = "whole"): { orderId: string; body: Buffer } {
    const template = templates[made % TEMPLATES] as (typeof templates)[number];
    const orderId = String(FIRST_ID + made);
    made += 1;
    return { orderId, body: Buffer.from(template[kind].replaceAll(template.id, orderId)) };
  }

  function sign(kind: "whole" | "cut", count: number, shops: readonly string[]): SignedOrder[] {
    return Array.from({ length: count }, (_, index) => {
      const { orderId, body } = next(kind);
      const shop = shops[index % shops.length] ?? "";
      return { orderId, request: toRequest(secret, shop, body) };
    });
  }

  return {
    sign: (count, shops) => sign("whole", count, shops),
    signCut: (count, shops) => sign("cut", count, shops),
    bodies: (count) => Array.from({ length: count }, () => next().body),
    cutBodies: (count) => Array.from({ length: count }, () => next("cut").body),
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
