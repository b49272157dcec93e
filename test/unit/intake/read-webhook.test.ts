import { describe, expect, test } from "vitest";
import { z } from "zod";
import { list } from "#app/intake/read/read-fields.server.ts";
import { readWebhook } from "#app/intake/read/read-webhook.server.ts";
import { type Body, fixture, read, webOrder } from "../mapping/web-order.ts";

function orderOf(body: unknown) {
  const result = read("orders/create", body);
  if (result.kind !== "store_event" || result.event.kind !== "order_created") {
    throw new Error(JSON.stringify(result));
  }
  return result.event.order;
}

function faultsOf(topic: string, body: unknown) {
  const result = read(topic, body);
  if (result.kind !== "unreadable") throw new Error(`${result.kind}`);
  return result;
}

function rawOrder(id: string, gid: unknown) {
  const text = JSON.stringify(webOrder({ id: "ID", admin_graphql_api_id: gid }));
  return Buffer.from(text.replace('"ID"', id));
}

describe("topics", () => {
  test("each topic that feeds an event is read as what happened in the shop", () => {
    const kinds = [
      ["orders/create", "orders_create"],
      ["orders/paid", "orders_paid"],
      ["orders/cancelled", "orders_cancelled"],
      ["checkouts/create", "checkouts_create"],
      ["checkouts/update", "checkouts_update"],
      ["customers/create", "customers_create"],
    ].map(([topic = "", name]) => {
      const result = read(topic, fixture(`2026-07.${name}`));
      return result.kind === "store_event" ? result.event.kind : result.kind;
    });
    expect(kinds).toEqual([
      "order_created",
      "order_paid",
      "order_cancelled",
      "checkout_started",
      "checkout_started",
      "customer_created",
    ]);
  });

  test("a topic that feeds no event is unused, and a body that is no object is said first", () => {
    expect(read("products/update", {})).toEqual({ kind: "unused" });
    expect(read("__proto__", {})).toEqual({ kind: "unused" });
    expect(read("products/update", [])).toEqual({ kind: "not_an_object" });
  });
});

describe("identity", () => {
  test("the numeric id is the order's identity, to the last digit", () => {
    const gid = "gid://shopify/Order/1";
    const result = readWebhook("orders/create", rawOrder("820982911946154508", gid));
    expect(result).toMatchObject({ event: { order: { id: "820982911946154508" } } });
  });

  test("the id of the Admin API stands in only where the number is absent", () => {
    const order = webOrder({ admin_graphql_api_id: "gid://shopify/Order/820982911946154508" });
    delete order.id;
    expect(orderOf(order).id).toBe("820982911946154508");
    expect(faultsOf("orders/create", { ...order, id: "x" }).problem).toBe(
      "id: expected a whole number above 0",
    );
  });

  test("a rounded id is never taken for an order's", () => {
    for (const id of ["8.2e17", "820982911946154508.0", "1.5", "0", "-5", "9223372036854775808"]) {
      const result = readWebhook("orders/create", rawOrder(id, null));
      expect(result, id).toMatchObject({ kind: "unreadable", orderId: null });
    }
  });
});

describe("what may be absent", () => {
  const essential = new Set([
    "id",
    "processed_at",
    "currency",
    "subtotal_price",
    "total_price",
    "line_items",
  ]);

  test.each([
    ["left out", undefined],
    ["null", null],
    ["empty text", ""],
  ])("an order is read with every field that is not essential %s", (_name, nothing) => {
    const order: Body = { ...webOrder(), admin_graphql_api_id: null };
    for (const key of Object.keys(order)) if (!essential.has(key)) order[key] = nothing;
    for (const line of order.line_items) {
      for (const key of Object.keys(line)) {
        if (key !== "price" && key !== "quantity" && key !== "tax_lines") line[key] = nothing;
      }
    }
    expect(orderOf(order)).toMatchObject({ id: "6204411576410", sourceName: "unknown" });
  });

  test("an early checkout writes [] for its addresses and null for its email", () => {
    const body = fixture("2026-07.checkouts_create");
    const early = {
      ...body,
      shipping_address: [],
      billing_address: null,
      email: null,
      customer: "",
    };
    expect(read("checkouts/create", early)).toMatchObject({
      kind: "store_event",
      event: { checkout: { shopper: { billing: null, shipping: null, emails: [] } } },
    });
  });

  test("note attributes of any shape are no reason to refuse an order", () => {
    for (const notes of [{}, 3, [null, 1, { name: "_epik" }, { name: "_epik", value: 4 }], "x"]) {
      expect(orderOf(webOrder({ note_attributes: notes })).notedClickId).toBeNull();
    }
  });
});

describe("faults", () => {
  test("every fault is named by its path, and none by its value", () => {
    const secret = "jane.doe@secret.example";
    const order = webOrder({
      email: { secret },
      processed_at: secret,
      currency: secret,
      shipping_address: { city: [secret] },
      line_items: [{ quantity: secret, price: 5, variant_id: secret }, secret],
      client_details: [secret],
    });
    const { problem, orderId, sourceKey, eventName } = faultsOf("orders/create", order);
    const paths = problem.split("; ").map((fault) => fault.split(": ")[0]);
    expect(paths.sort()).toEqual([
      "client_details",
      "currency",
      "email",
      "line_items.0.quantity",
      "line_items.0.variant_id",
      "line_items.1",
      "processed_at",
      "shipping_address.city",
    ]);
    expect(problem).not.toContain("secret");
    expect({ orderId, sourceKey, eventName }).toEqual({
      orderId: "6204411576410",
      sourceKey: "6204411576410",
      eventName: "checkout",
    });
  });

  test("an order without processed_at happened when it was created, and without both it cannot be read", () => {
    const order = webOrder({ created_at: "2026-11-24T10:00:00Z", processed_at: null });
    expect(orderOf(order).occurredAtSeconds).toBe(Date.parse("2026-11-24T10:00:00Z") / 1_000);
    const { problem, orderId } = faultsOf("orders/create", { ...order, created_at: null });
    expect(problem).toBe("processed_at: expected a date and time with its offset");
    expect(orderId).toBe("6204411576410");
  });

  test.each(["id", "currency", "line_items"])("an order without %s cannot be read", (field) => {
    const order = webOrder({ admin_graphql_api_id: null });
    delete order[field];
    expect(faultsOf("orders/create", order).problem).toMatch(new RegExp(`^${field}: expected`));
  });

  test("an order whose number is faulty is still known by its Admin API id", () => {
    expect(faultsOf("orders/create", webOrder({ id: true })).orderId).toBe("6204411576410");
  });

  test("a checkout is known by its token, a customer by its id, also when the rest is faulty", () => {
    expect(faultsOf("checkouts/update", { token: "abc" })).toMatchObject({
      eventName: "initiate_checkout",
      sourceKey: "abc",
      orderId: null,
    });
    expect(faultsOf("customers/create", { id: 7 })).toMatchObject({
      eventName: "signup",
      sourceKey: "7",
      orderId: null,
    });
    expect(faultsOf("checkouts/create", { token: "two words" }).sourceKey).toBeNull();
  });

  test.each(["2026-11-24", "yesterday", "2026-11-24T10:00:00", "2026-13-01T00:00:00Z", 1795510682])(
    "a time written as %j is no time",
    (time) => {
      const { problem } = faultsOf("orders/create", webOrder({ processed_at: time }));
      expect(problem).toBe("processed_at: expected a date and time with its offset");
    },
  );

  test("a description of thousands of faults stays short", () => {
    const body = webOrder({ line_items: Array(900).fill({ quantity: "many" }) });
    const { problem } = faultsOf("orders/create", body);
    expect(problem.length).toBeLessThan(2_100);
    expect(problem).toMatch(/line_items\.0\.quantity.*and more \(900 faults\)$/);
    const longer = faultsOf("orders/create", webOrder({ line_items: Array(1_001).fill(0) }));
    expect(longer.problem).toBe("line_items: expected a list with few faults");
  });
});

test("an order of many of anything is read whole", () => {
  const many = <T>(item: T) => Array(2_000).fill(item);
  const [shirt] = webOrder().line_items;
  const tax = { price: "0.01", rate: 0.1, title: "Tax" };
  const order = orderOf(
    webOrder({
      line_items: [{ ...shirt, tax_lines: many(tax) }, ...many({ ...shirt, tax_lines: [tax] })],
      note_attributes: [...many({ name: "note", value: "x" }), { name: "_epik", value: "dj0" }],
      discount_codes: many({ code: "X", amount: "1.00", type: "percentage" }),
      tax_lines: many(tax),
      shipping_lines: many({ price: "1.00", tax_lines: many(tax).slice(0, 9) }),
      refunds: many({ id: 1, refund_line_items: [] }),
      fulfillments: many({ id: 1 }),
    }),
  );
  expect(order.lines).toHaveLength(2_001);
  expect(order.lines[0]?.taxes).toHaveLength(2_000);
  expect(order.lines[2_000]?.taxes).toHaveLength(1);
  expect(order.notedClickId).toBe("dj0");
  const mixed = webOrder({ line_items: [...many(shirt), { ...shirt, quantity: "many" }] });
  expect(faultsOf("orders/create", mixed).problem).toMatch(/^line_items\.2000\.quantity: /);
});

test("of what an order has more of than any sale, pieces and taxes are summed, and it is sent", () => {
  const [shirt] = webOrder().line_items;
  const tax = (price: string) => ({ price });
  const taxes = [...Array(10_000).fill(tax("0.01")), tax("0.2"), tax("0.003"), null];
  const rest = { ...shirt, quantity: 2, current_quantity: 1, tax_lines: [tax("0.5")] };
  const tip = { ...rest, tip_payment_gateway: null };
  const line_items = [{ ...shirt, tax_lines: taxes }, ...Array(5_001).fill(rest), tip];
  const { lines } = orderOf(webOrder({ line_items }));
  expect(lines).toHaveLength(5_001);
  expect(lines[0]?.taxes).toHaveLength(10_001);
  expect(lines[0]?.taxes.at(-1)).toEqual({ shop: "0.203", presentment: null });
  expect(lines.at(-1)).toMatchObject({
    variantId: null,
    isGoods: true,
    quantity: 4,
    quantityLeft: 2,
    taxes: [{ shop: "1.5", presentment: null }],
  });
});

test("a list's items are taken as they are, also beside one that is faulty", () => {
  const items = [{ a: 1 }, { a: 2, b: 3 }];
  const numbers = list(z.object({ a: z.int() }));
  const parsed = numbers.parse(items);
  expect(parsed.map((item, index) => item === items[index])).toEqual([true, true]);
  const { error } = numbers.safeParse([...items, { a: "x" }, 5]);
  expect(error?.issues.map(({ path }) => path)).toEqual([[2, "a"], [3]]);
});

test("text for lists is made fit for a column: no NUL, no lone surrogate, no endless name", () => {
  const order = orderOf(
    webOrder({ name: `#1\u0000\ud800${"9".repeat(5_000)}`, source_name: " po\u0000s " }),
  );
  expect(order.name).toHaveLength(98);
  expect(order.name?.isWellFormed()).toBe(true);
  expect(order.name).not.toContain("\u0000");
  expect(order.sourceName).toBe("pos");
});
