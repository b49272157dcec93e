import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { BUCKET_SIZE } from "#app/outbox/drain/claim-accounts.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import type { Cell } from "#test/faults/cell.ts";
import type { Installation } from "#test/faults/installation.ts";
import type { Webhook } from "#test/faults/ledger-client.ts";
import {
  type Expected,
  expectOrder,
  nextOrderId,
  orderTraffic,
  webhookOf,
} from "#test/faults/order-traffic.ts";
import type { Scene } from "#test/faults/scene.ts";
import { makeSceneShops, reconnect, type SceneShop } from "#test/faults/scene-shops.ts";
import { SECRET } from "#test/processes/sandbox-app.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import type { Random } from "#test/sandbox/sample-random.ts";
import { createWebhookSender } from "#test/sandbox/shopify/deliver-webhooks.ts";
import { BROWSER, pixelBody } from "#test/support/pixel-server.ts";
import { hearPixel } from "#test/support/visit-fixture.ts";

type Given = Pick<Scene, "shops" | "random" | "expected">;

/** A fault that lies in what is sent: it is over when all of it is. */
const untilSent = ({ client }: Scene) => client.untilMore(Number.POSITIVE_INFINITY);

const oneAfterTheOther = (webhooks: readonly Webhook[]) => {
  const left = [...webhooks];
  return () => left.shift() ?? null;
};

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const left = [...list];
  for (let place = left.length - 1; place > 0; place -= 1) {
    const other = random.integer(0, place + 1);
    [left[place], left[other]] = [left[other] as T, left[place] as T];
  }
  return left;
}

function orders(shops: readonly SceneShop[], count: number): [SceneShop, object][] {
  return Array.from({ length: count }, (_, n) => [
    shops[n % shops.length] as SceneShop,
    orderBody({ id: nextOrderId(), lineCount: 1 }),
  ]);
}

function expect(expected: Map<string, Expected>, webhook: Webhook, order: Expected): Webhook {
  expected.set(webhook.id, order);
  return webhook;
}

export const trafficCells: Cell[] = [
  {
    name: "each webhook comes a hundred times, at once",
    kind: "traffic",
    load: {
      connections: 50,
      pauseMs: 0,
      traffic({ shops, expected }: Given) {
        return oneAfterTheOther(
          orders(shops, 24).flatMap(([shop, body]) => {
            const webhook = expect(expected, webhookOf(shop, body), expectOrder(shop, body));
            return Array.from({ length: 100 }, () => webhook);
          }),
        );
      },
    },
    fault: untilSent,
    also: onlyOnce,
  },
  {
    name: "what comes of an order comes in any order, each of it three times under new ids",
    kind: "traffic",
    load: {
      pauseMs: 5,
      traffic({ shops, random, expected }: Given) {
        const webhooks = orders(shops, 60).flatMap(([shop, body]) =>
          ["orders/create", "orders/paid", "orders/create", "orders/paid"].map((topic) =>
            expect(expected, webhookOf(shop, body, topic), expectOrder(shop, body)),
          ),
        );
        return oneAfterTheOther(shuffled(webhooks, random));
      },
    },
    fault: untilSent,
    also: onlyOnce,
  },
  {
    name: "orders are cancelled before, while and after they are sent",
    kind: "traffic",
    load: {
      pauseMs: 5,
      traffic({ shops, random, expected }: Given) {
        const webhooks = orders(shops, 60).flatMap(([shop, body]) => {
          const cancelled = { ...body, cancelled_at: new Date().toISOString() };
          return [
            expect(expected, webhookOf(shop, body), expectOrder(shop, body, "kept")),
            expect(
              expected,
              webhookOf(shop, cancelled, "orders/cancelled"),
              expectOrder(shop, cancelled, "kept"),
            ),
          ];
        });
        return oneAfterTheOther(shuffled(webhooks, random));
      },
    },
    fault: untilSent,
    also: onlyOnce,
  },
  {
    name: "two shops have orders of the same ids, and webhooks too",
    kind: "traffic",
    load: {
      shops: 2,
      pauseMs: 5,
      traffic({ shops, expected }: Given) {
        return oneAfterTheOther(
          orders(shops, 60).flatMap(([, body]) => {
            const id = randomUUID();
            return shops.map((shop) => {
              const webhook = { ...webhookOf(shop, body), id };
              // The client's file has the id once: both shops must have the order.
              expected.set(`${id} ${shop.domain}`, expectOrder(shop, body));
              return expect(expected, webhook, expectOrder(shop, body));
            });
          }),
        );
      },
    },
    fault: untilSent,
    also: ({ stored, shops }) =>
      shops
        .map(({ id }) => stored.filter(({ shopId }) => shopId === id).length)
        .filter((count) => count !== 60)
        .map((count) => `a shop has ${count} orders, not 60`),
  },
  {
    name: "an uninstall from before the install comes late, again and again",
    kind: "traffic",
    async fault(scene) {
      for (const { domain } of scene.shops) {
        const triggeredAt = new Date(Date.now() - 3_600_000);
        await tell(scene.installation, "app/uninstalled", domain, triggeredAt);
        await scene.untilSomeMoment();
      }
    },
  },
  {
    name: "a shop uninstalls with a backlog, and comes back",
    kind: "traffic",
    async fault({ installation, shops, client, expected }) {
      const [shop] = await makeSceneShops(installation, 1);
      if (shop === undefined) return;
      shops.push(shop);
      const sell = () =>
        Promise.all(
          orders([shop], 20).map(([, body]) =>
            client.send(expect(expected, webhookOf(shop, body), expectOrder(shop, body))),
          ),
        );
      installation.pinterest.fail({ kind: "latency", ms: 2_000, adAccountId: shop.adAccountId });
      await sell();
      await wait(20);
      await tell(installation, "app/uninstalled", shop.domain, new Date());
      await wait(20);
      // Webhooks that Shopify triggers later prove that the shop is back.
      await sell();
      await reconnect(installation, shop);
    },
  },
  {
    name: "the shopper's browser tells of a purchase first, last, or twice",
    kind: "traffic",
    async fault(scene) {
      const { installation, random, client, expected } = scene;
      const [shop] = scene.shops;
      if (shop === undefined) return;
      const { db } = installation;
      const changes = { hold_seconds: 5 };
      await changeSettings({ db }, { domain: shop.domain, changes, actor: "test" });
      await hearPixel(db, shop.id);
      const sales = orders([shop], 40).map(async ([, body]) => {
        const webhook = webhookOf(shop, body);
        const { orderId, ...order } = expectOrder(shop, body);
        const browserId = `sh-${orderId}`;
        expected.set(webhook.id, { ...order, orderId, browserId });
        const steps = [
          () => client.send(webhook),
          () => tellPixel(installation, shop, body, browserId),
          () => tellPixel(installation, shop, body, browserId),
        ];
        for (const step of shuffled(steps, random)) {
          await wait(random.integer(0, 3_000));
          await step();
        }
      });
      await Promise.all(sales);
    },
    also: (observed) => [
      ...onlyOnce(observed),
      ...(observed.accepted.some(({ eventId }) => eventId.startsWith("sh-"))
        ? []
        : ["no purchase has its browser's id"]),
    ],
  },
  {
    name: "one shop has more to send than Pinterest allows it in a minute",
    kind: "traffic",
    load: { shops: 1, connections: 24, pauseMs: 0, traffic: burst },
    fault: untilSent,
    also: ({ peakCallsPerMinute }) =>
      peakCallsPerMinute > BUCKET_SIZE ? [`${peakCallsPerMinute} calls in a minute`] : [],
  },
];

async function tell(
  { webs }: Installation,
  topic: string,
  domain: string,
  triggeredAt: Date,
): Promise<void> {
  const sender = createWebhookSender({
    secret: SECRET,
    target: () => `${webs[0]?.url}/webhooks`,
    timeScale: 0.002,
    connections: 1,
  });
  await sender.deliver(topic, domain, { myshopify_domain: domain }, { triggeredAt });
  await sender.close();
}

async function tellPixel(
  { webs, db }: Installation,
  { id, domain }: SceneShop,
  order: object,
  browserId: string,
): Promise<void> {
  const { rows } = await db.pool.query("select pixel_key from shop where id = $1", [String(id)]);
  const { id: orderId, checkout_token: token } = order as { id: unknown; checkout_token: string };
  const checkout = { token, order: { id: JSON.stringify(orderId) } };
  const owner = { domain, pixelKey: rows[0].pixel_key };
  const body = pixelBody(owner, "checkout_completed", { id: browserId, data: { checkout } });
  await fetch(`${webs[0]?.url}/pixel`, {
    method: "POST",
    headers: { "content-type": "text/plain", "user-agent": BROWSER },
    body: JSON.stringify(body),
  });
}

function burst(given: Given): () => Webhook | null {
  const next = orderTraffic(given.shops, given.random, given.expected);
  let left = 1_500;
  return () => (left-- > 0 ? next() : null);
}

function onlyOnce({ accepted, acknowledged }: Parameters<NonNullable<Cell["also"]>>[0]): string[] {
  const faults = accepted
    .filter(({ count }) => count > 1)
    .map(({ eventId }) => `${eventId} was sent twice`);
  return acknowledged.size === 0 ? [...faults, "nothing was acknowledged"] : faults;
}
