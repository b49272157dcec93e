import { findInFiles } from "#test/processes/find-in-files.ts";
import { SECRET } from "#test/processes/sandbox-app.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { createWebhookSender } from "#test/sandbox/shopify/deliver-webhooks.ts";
import { eventually } from "#test/support/poll.ts";
import { type Installation, openInstallation } from "../installation.ts";
import { nextOrderId } from "../order-traffic.ts";
import { makeSceneShops, openInAdmin, type SceneShop } from "../scene-shops.ts";
import type { Figure } from "./figure.ts";

const HOUR_MS = 3_600_000;
/** A sweep begins every fifth minute, and privacy requests are acted on every minute. */
const PATIENT = { deadlineMs: 480_000 };
const seconds = (ms: number) => `${(ms / 1_000).toFixed(0)} s`;

async function withShop<T>(
  work: (installation: Installation, shop: SceneShop) => Promise<T>,
): Promise<T> {
  const installation = await openInstallation({ webs: 1, workers: 1, hasShopify: true });
  try {
    const [shop] = await makeSceneShops(installation, 1);
    if (shop === undefined) throw new Error("no shop");
    return await work(installation, shop);
  } finally {
    await installation.close();
  }
}

const isAt = ({ pinterest }: Installation, { adAccountId }: SceneShop, orderId: string) =>
  pinterest.ledger.find(adAccountId, `order-${orderId}-checkout`) !== undefined;

/** An order whose webhook never came, from when its shop is due to be compared. */
export function measureSweep(): Promise<Figure[]> {
  return withShop(async (installation, shop) => {
    const { db, shopify } = installation;
    await openInAdmin(installation, shop.domain);
    const id = nextOrderId();
    const createdAt = new Date(Date.now() - HOUR_MS);
    shopify?.records.putOrder(shop.domain, orderBody({ id, createdAt }));
    await db.pool.query("update shop set installed_at = now() - interval '2 days'");
    await db.pool.query(
      `insert into order_sweep (shop_id, next_at) values ($1, now())
        on conflict (shop_id) do update set next_at = now()`,
      [String(shop.id)],
    );
    const dueAt = Date.now();
    await eventually(() => isAt(installation, shop, id), PATIENT);
    const { rows } = await db.pool.query("select missing, sent from order_sweep");
    return [
      {
        what: "an order whose webhook never came is at Pinterest, from when its shop is due",
        value: `${seconds(Date.now() - dueAt)}, with ${rows[0]?.sent} of ${rows[0]?.missing} missing orders sent; a sweep begins every fifth minute`,
        goal: "one sweep",
        isReached: rows[0]?.missing === 1 && rows[0]?.sent === 1,
      },
    ];
  });
}

/** From Shopify's request until nothing of the customer is in the tables, or in their files. */
export function measureRedaction(): Promise<Figure[]> {
  return withShop(async (installation, shop) => {
    const { db, cluster, webs } = installation;
    const sender = createWebhookSender({
      secret: SECRET,
      target: () => `${webs[0]?.url}/webhooks`,
      timeScale: 0.001,
      connections: 1,
    });
    const id = nextOrderId();
    const order = orderBody({ id, lineCount: 1 }) as { name: string; customer: { id: unknown } };
    await sender.deliver("orders/create", shop.domain, order);
    await eventually(() => isAt(installation, shop, id), PATIENT);
    const customer = JSON.stringify(order.customer.id);
    const find = async () => {
      await db.pool.query("checkpoint");
      return findInFiles(`${cluster}/base`, [id, customer]);
    };
    if ((await find()).length === 0) throw new Error("nothing is found even before");
    const askedAt = Date.now();
    await sender.deliver("customers/redact", shop.domain, {
      shop_domain: shop.domain,
      customer: order.customer,
      orders_to_redact: [id],
    });
    const isDone = async () => {
      const { rows } = await db.pool.query(
        "select from compliance_request where topic = 'customers/redact' and state = 'done'",
      );
      return rows.length === 1;
    };
    await eventually(isDone, PATIENT);
    const tookMs = Date.now() - askedAt;
    await installation.asSuperuser(["vacuum full"]);
    const found = await find();
    await sender.close();
    return [
      {
        what: "a redaction is done, from Shopify's request; what the tables' files have of it, vacuumed",
        value: `${seconds(tookMs)}; ${found.length === 0 ? "nothing" : found.join(", ")}`,
        goal: "5 minutes; nothing",
        isReached: tookMs <= 300_000 && found.length === 0,
      },
    ];
  });
}
