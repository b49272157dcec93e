import { randomUUID } from "node:crypto";
import { createOrderSource } from "#test/bench/order-source.ts";
import { SECRET } from "#test/processes/sandbox-app.ts";
import type { Webhook } from "../ledger-client.ts";
import type { SceneShop } from "../scene-shops.ts";

/** An order whose body is ready-made bytes, as Shopify cuts it for the app: about 3 kB. */
export interface FastOrder extends Webhook {
  body: Buffer;
}

const AT_A_TIME = 500;
const source = createOrderSource(SECRET);

/** Orders without end, for the shops by turns: writing them must not take longer than taking them. */
export function fastOrders(shops: readonly SceneShop[]): () => FastOrder {
  let bodies: Buffer[] = [];
  let count = 0;
  return () => {
    if (bodies.length === 0) bodies = source.cutBodies(AT_A_TIME);
    const shop = shops[count % shops.length] as SceneShop;
    count += 1;
    const body = bodies.pop() as Buffer;
    return { id: randomUUID(), topic: "orders/create", shop: shop.domain, body };
  };
}
