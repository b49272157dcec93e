import { afterAll, beforeAll, expect, test } from "vitest";
import { readStoreOrder } from "#app/tasks/orders/read-store-order.server.ts";
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
    const read = await readStoreOrder(admin, reference, within());
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
  expect(await readStoreOrder(admin, { orderName: "104" }, within())).toEqual(missing);
  expect(await readStoreOrder(admin, { orderName: '" OR name:"1042' }, within())).toEqual(missing);
  const others = await stack.adminOf(stranger.domain);
  expect(await readStoreOrder(others, { orderName: "1042" }, within())).toEqual(missing);
});
