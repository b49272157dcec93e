import { afterAll, beforeAll, expect, test } from "vitest";
import { shopSettings } from "#app/events/shop-settings.ts";
import type { StoreOrder } from "#app/events/store-event.ts";
import { readWebhook } from "#app/intake/read/read-webhook.server.ts";
import { mapOrder } from "#app/mapping/map-order.server.ts";
import { fetchOrder } from "#app/shopify/orders.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { type FlowStack, openFlowStack } from "./flow-fixture.ts";

let stack: FlowStack;

beforeAll(async () => {
  stack = await openFlowStack();
});
afterAll(() => stack?.close());

const within = () => AbortSignal.timeout(10_000);

/** A shop with two orders whose names are alike. */
async function shopWithOrders() {
  const shop = await stack.openShop();
  const admin = await stack.adminOf(shop.domain);
  const place = (id: number, name: string) => {
    const order = { ...orderBody({ id }), name };
    stack.records.putOrder(shop.domain, order);
    return order;
  };
  return { shop, admin, order: place(5001, "#1042"), other: place(5002, "#10421") };
}

test("an order is read by its id, and by its name with and without the number sign", async () => {
  const { admin, order } = await shopWithOrders();
  const id = order.admin_graphql_api_id.replace(/\D+/g, "");
  for (const reference of [{ orderId: id }, { orderName: "#1042" }, { orderName: " 1042 " }]) {
    const read = await fetchOrder(admin, reference, within());
    expect(read, JSON.stringify(reference)).toMatchObject({
      ok: true,
      found: { order: { id, name: "#1042" }, isSaleOptedOut: false },
    });
  }
});

test("a name that is only a part of others' is no order, nor is one of another store", async () => {
  const { admin } = await shopWithOrders();
  const stranger = await stack.openShop();
  const missing = { ok: false, failure: "not_found" };
  expect(await fetchOrder(admin, { orderName: "104" }, within())).toEqual(missing);
  expect(await fetchOrder(admin, { orderName: '" OR name:"1042' }, within())).toEqual(missing);
  const others = await stack.adminOf(stranger.domain);
  expect(await fetchOrder(others, { orderName: "1042" }, within())).toEqual(missing);
});

test("a store that sends what is paid sends what is left of an edited order, read again too", async () => {
  const shop = await stack.openShop();
  const admin = await stack.adminOf(shop.domain);
  const { line_items: sample, ...rest } = orderBody({ id: 5003 });
  const both = (amount: string) => ({
    shop_money: { amount, currency_code: rest.currency },
    presentment_money: { amount, currency_code: rest.currency },
  });
  const line = { ...sample[0], quantity: 600, current_quantity: 599, price_set: both("1.00") };
  const edited: object = {
    ...rest,
    presentment_currency: rest.currency,
    taxes_included: false,
    subtotal_price_set: both("650.00"),
    current_subtotal_price_set: both("649.00"),
    line_items: [...Array(510).fill({ ...line, quantity: 1, current_quantity: 1 }), line],
  };
  stack.records.putOrder(shop.domain, edited as ReturnType<typeof orderBody>);
  const id = rest.admin_graphql_api_id.replace(/\D+/g, "");
  const read = await fetchOrder(admin, { orderId: id }, within());
  if (!read.ok) throw new Error(read.failure);
  const sent = (purchase_trigger: "order_created" | "order_paid") => {
    const settings = shopSettings.parse({ purchase_trigger });
    const policy = { shopDomain: shop.domain, primaryDomain: null, countryCode: null, settings };
    const { order } = read.found;
    const { outcome } = mapOrder(order, policy, order.occurredAtSeconds);
    return outcome.kind === "send" ? outcome.event.custom_data : outcome.reason;
  };
  expect(sent("order_created")).toMatchObject({ value: "650.00", num_items: 1_110 });
  expect(sent("order_paid")).toMatchObject({ value: "649.00", num_items: 1_109 });
});

test("an order that is read again means by a SKU, a tip and a cart's notes what its webhook meant", async () => {
  const shop = await stack.openShop();
  const { line_items: sample, ...rest } = orderBody({ id: 5004 });
  const two = { amount: "2.00", currency_code: rest.currency };
  const custom = {
    ...{ ...sample[0], sku: null, variant_id: null, product_id: null, quantity: 1 },
    ...{ price: "2.00", price_set: { shop_money: two, presentment_money: two } },
  };
  const told: object = {
    ...rest,
    total_tip_received: "2.00",
    line_items: [{ ...sample[0], sku: "N/A" }, custom, { ...custom, tip_payment_gateway: null }],
    note_attributes: [
      { name: "_epik", value: "undefined" },
      { name: "EPIK", value: "dj0yJnU9" },
    ],
  };
  stack.records.putOrder(shop.domain, told as ReturnType<typeof orderBody>);
  const reference = { orderId: rest.admin_graphql_api_id.replace(/\D+/g, "") };
  const read = await fetchOrder(await stack.adminOf(shop.domain), reference, within());
  const webhook = readWebhook("orders/create", Buffer.from(JSON.stringify(told)));
  if (!read.ok || webhook.kind !== "store_event" || !("order" in webhook.event)) {
    throw new Error(JSON.stringify([read, webhook]));
  }
  const meant = ({ notedClickId, lines }: StoreOrder) => ({
    notedClickId,
    sku: lines[0]?.sku,
    goods: lines.map(({ isGoods }) => isGoods),
  });
  const expected = { notedClickId: "dj0yJnU9", sku: null, goods: [true, true, false] };
  expect(meant(read.found.order)).toEqual(expected);
  expect(meant(webhook.event.order)).toEqual(meant(read.found.order));
});
