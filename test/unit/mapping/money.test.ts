import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isZeroDecimal, subtractDecimals } from "#app/mapping/decimal.server.ts";
import {
  type Body,
  buildPolicy,
  fixture,
  mapOrderBody,
  mapWebhook,
  SAMPLE_NOW,
  sentEvent,
  skipReason,
  webOrder,
} from "./web-order.ts";

function valueAndCurrency(changes: Body, settings: Body = {}) {
  const { value, currency, contents } =
    sentEvent(mapOrderBody(changes, settings)).custom_data ?? {};
  return { value, currency, price: contents?.[0]?.item_price };
}

describe("value", () => {
  test("is by default what was paid before tax and shipping", () => {
    expect(valueAndCurrency({}).value).toBe("80.00");
    expect(valueAndCurrency({ taxes_included: false }).value).toBe("95.20");
  });

  test("is the subtotal or the total where the shop says so", () => {
    expect(valueAndCurrency({}, { value_basis: "subtotal" }).value).toBe("95.20");
    expect(valueAndCurrency({}, { value_basis: "total" }).value).toBe("101.15");
  });
});

const ODD = ["1,234.00", "1e3", "", "12.", ".5", "0x1", " 1.00", "01.00", "-", 12.5, null, [], {}];

describe("an amount that cannot be read", () => {
  test.each(ODD)("written as %j is named where the shop's settings need it", (amount) => {
    const path = /^subtotal_price: expected an amount as a decimal string$/;
    expect(() => mapOrderBody({ subtotal_price: amount })).toThrow(path);
    expect(() => mapOrderBody({ total_price: amount }, { value_basis: "total" })).toThrow(
      /^total_price: expected/,
    );
    const [line, ...others] = webOrder().line_items;
    const withLine = (change: Body) => ({ line_items: [{ ...line, ...change }, ...others] });
    expect(() => mapOrderBody(withLine({ price: amount }))).toThrow(/^line_items\.0\.price: /);
    if (amount === null || amount === "") return;
    expect(() => mapOrderBody(withLine({ tax_lines: [{ price: amount }] }))).toThrow(
      /^line_items\.0\.tax_lines: expected/,
    );
  });

  test.each(ODD)("written as %j harms nobody where they do not", (amount) => {
    const set = { shop_money: amount, presentment_money: amount };
    const sets = { subtotal_price_set: set, total_price_set: amount, current_total_price: amount };
    const own = { current_subtotal_price: amount, total_price: amount, ...sets };
    expect(valueAndCurrency(own).value).toBe("80.00");
    const noTax = { taxes_included: false, ...own };
    const lines = webOrder().line_items.map((line: Body) => ({
      ...line,
      tax_lines: [amount, { price: amount, price_set: amount }],
      price_set: amount,
    }));
    expect(valueAndCurrency({ ...noTax, line_items: lines }).value).toBe("95.20");
    const custom = { variant_id: null, product_id: null, quantity: 1, price: amount };
    expect(valueAndCurrency({ line_items: [...webOrder().line_items, custom] }).value).toBe(
      "80.00",
    );
  });

  test("does not stand in the way of an order that is not sent anyway", () => {
    expect(skipReason(mapOrderBody({ subtotal_price: "x", test: true }))).toBe("test_order");
    const cancelled = mapWebhook("orders/cancelled", webOrder({ subtotal_price: null }));
    expect(skipReason(cancelled)).toBe("cancelled");
  });
});

describe("digits", () => {
  test.each(["130.64999999999998", "0.1234567890123456789", `1.${"3".repeat(500)}`])(
    "of %s go on exactly",
    (total_price) => {
      expect(valueAndCurrency({ total_price }, { value_basis: "total" }).value).toBe(total_price);
      expect(valueAndCurrency({ total_price }).value).toBe("80.00");
    },
  );

  test("of taxes of any length are subtracted exactly, and a tax that is null is none", () => {
    const taxed = (tax_lines: unknown) => {
      const line = { ...webOrder().line_items[0], tax_lines };
      return valueAndCurrency({ subtotal_price: "10.00", line_items: [line] }).value;
    };
    expect(taxed([{ price: "1.23456789012345678" }])).toBe("8.76543210987654322");
    expect(taxed([{ price: "1" }, { price: "0.0000000000001" }])).toBe("8.9999999999999");
    for (const nothing of [null, [], [null], [{ price: null }], [{}]]) {
      expect(taxed(nothing)).toBe("10.00");
    }
  });

  test("of a mebibyte are subtracted in a moment", () => {
    const tax = `0.${"1".repeat(1_048_576)}`;
    const before = process.cpuUsage();
    const rest = subtractDecimals("1.00", [tax, ...Array(500).fill("0.001")]);
    expect(process.cpuUsage(before).user).toBeLessThan(500_000);
    expect(rest.startsWith("0.3888888888")).toBe(true);
    expect(rest).toHaveLength(tax.length);
  });
});

describe("an order that was edited before it was paid", () => {
  const [shirt, custom] = webOrder().line_items;
  const edited = {
    current_subtotal_price: "47.60",
    current_total_price: "53.55",
    line_items: [{ ...shirt, current_quantity: 1 }, custom],
  };

  test("is sent with what is left of it when it is paid", () => {
    const paid = sentEvent(mapWebhook("orders/paid", webOrder(edited))).custom_data;
    expect(paid).toMatchObject({ value: "38.45", num_items: 2 });
    expect(paid?.contents).toEqual([{ id: "48001100220033", item_price: "39.90", quantity: 1 }]);
    const settings = { value_basis: "total" };
    const total = mapWebhook("orders/paid", webOrder(edited), buildPolicy(settings));
    expect(total?.value).toBe("53.55");
    const gone = { ...edited, line_items: [{ ...shirt, current_quantity: 0 }, custom] };
    expect(sentEvent(mapWebhook("orders/paid", webOrder(gone))).custom_data).toMatchObject({
      num_items: 1,
    });
  });

  test("is sent with what was ordered when it is created", () => {
    const created = sentEvent(mapOrderBody(edited)).custom_data;
    expect(created).toMatchObject({ value: "80.00", num_items: 3 });
  });

  test("is sent with what was ordered where nothing else is said", () => {
    const lines = [shirt, custom].map(({ current_quantity: _, ...line }) => line);
    const nothing = { current_subtotal_price: null, current_total_price: "", line_items: lines };
    expect(mapWebhook("orders/paid", webOrder(nothing))?.value).toBe("80.00");
  });
});

test.each(["shopify_payments", null])(
  "a tip (gateway %j) is no product and no piece",
  (gateway) => {
    const [shirt] = webOrder().line_items;
    for (const key of ["tip_payment_gateway", "tip_payment_method"]) {
      const tip = { ...shirt, quantity: 1, price: "5.00", [key]: gateway };
      const data = sentEvent(mapOrderBody({ line_items: [shirt, tip] })).custom_data;
      expect(data).toMatchObject({ num_items: 2, content_ids: ["48001100220033"] });
    }
  },
);

test.each([
  ["-0.01", {}],
  ["-5", { zero_total_orders: "send" }],
])("a value of %s is skipped, whatever the settings %j say of nothing", (subtotal, settings) => {
  const order = { subtotal_price: subtotal, taxes_included: false };
  expect(skipReason(mapOrderBody(order, settings))).toBe("zero_total");
  const checkout = { ...fixture("2026-07.checkouts_create"), ...order };
  const mapped = mapWebhook("checkouts/create", checkout, buildPolicy(settings), SAMPLE_NOW);
  expect(skipReason(mapped)).toBe("zero_total");
});

describe("currency", () => {
  const presentment = { currency_basis: "presentment" };

  test("is the shop's, or the shopper's with every amount", () => {
    expect(valueAndCurrency({})).toEqual({ value: "80.00", currency: "EUR", price: "39.90" });
    expect(valueAndCurrency({}, presentment)).toEqual({
      value: "68.00",
      currency: "GBP",
      price: "33.92",
    });
  });

  test.each<[string, Body]>([
    ["a line's price is missing", { price_set: null }],
    ["a line's tax is missing", { tax_lines: [{ price: "12.10" }] }],
    [
      "a line's price is in a third currency",
      { price_set: { presentment_money: { amount: "45.00", currency_code: "USD" } } },
    ],
  ])("is the shop's throughout when %s in the shopper's", (_name, change) => {
    const [first, ...others] = webOrder().line_items;
    const changes = { line_items: [{ ...first, ...change }, ...others] };
    expect(valueAndCurrency(changes, presentment)).toEqual({
      value: "80.00",
      currency: "EUR",
      price: "39.90",
    });
  });

  test.each([
    ["JPY", "1980", "180", "1800"],
    ["KWD", "12.345", "0.345", "12.000"],
    ["HUF", "1990.00", "0", "1990.00"],
    ["USD", "0.30", "0.1", "0.20"],
  ])("%s keeps its places: %s less %s of tax is %s", (currency, subtotal, tax, value) => {
    const line = { ...webOrder().line_items[0], price: subtotal, tax_lines: [{ price: tax }] };
    const changes = { currency, subtotal_price: subtotal, line_items: [line] };
    expect(valueAndCurrency(changes)).toEqual({ value, currency, price: subtotal });
  });
});

test("subtraction is exact for amounts of any size", () => {
  const cents = fc.bigInt({ min: 0n, max: 10n ** 25n });
  const write = (units: bigint) => `${units / 100n}.${String(units % 100n).padStart(2, "0")}`;
  fc.assert(
    fc.property(cents, fc.array(cents, { maxLength: 5 }), (rest, parts) => {
      const whole = parts.reduce((sum, part) => sum + part, rest);
      expect(subtractDecimals(write(whole), parts.map(write))).toBe(write(rest));
    }),
  );
});

test("a difference below nothing keeps its sign", () => {
  expect(subtractDecimals("0.05", ["1"])).toBe("-0.95");
  expect(subtractDecimals("1.00", ["1.00"])).toBe("0.00");
});

test("zero is zero in every currency's notation", () => {
  expect(["0", "0.00", "0.000", "-0.00"].every(isZeroDecimal)).toBe(true);
  expect(["0.01", "10", "-0.10"].some(isZeroDecimal)).toBe(false);
});

describe("products", () => {
  const ids = (settings: Body) => sentEvent(mapOrderBody({}, settings)).custom_data?.content_ids;

  test("are named as the shop's catalogue names them", () => {
    expect(ids({})).toEqual(["48001100220033"]);
    expect(ids({ product_id: "product" })).toEqual(["9001100220055"]);
    expect(ids({ product_id: "sku" })).toEqual(["SHIRT-M"]);
    expect(ids({ product_id: "shopify_{country}_{product}_{variant}" })).toEqual([
      "shopify_US_9001100220055_48001100220033",
    ]);
  });

  test("are left out where their SKU is a word for nothing", () => {
    const [shirt] = webOrder().line_items;
    for (const sku of ["N/A", "undefined", "-", "\u200b"]) {
      const order = mapOrderBody({ line_items: [{ ...shirt, sku }] }, { product_id: "sku" });
      expect(sentEvent(order).custom_data).toMatchObject({ num_items: 2 });
      expect(sentEvent(order).custom_data).not.toHaveProperty("content_ids");
    }
  });

  test("price is for one piece before discounts, and a custom item counts without being named", () => {
    const { contents, content_ids, num_items } = sentEvent(mapOrderBody()).custom_data ?? {};
    expect(contents).toEqual([{ id: "48001100220033", item_price: "39.90", quantity: 2 }]);
    expect(content_ids).toEqual(["48001100220033"]);
    expect(num_items).toBe(3);
  });

  test("an order of custom items alone has no product ids, and still its number of pieces", () => {
    const custom = { variant_id: null, product_id: null, sku: "", quantity: 4, price: "1.00" };
    const data = sentEvent(mapOrderBody({ line_items: [custom] })).custom_data ?? {};
    expect(data.num_items).toBe(4);
    expect(data).not.toHaveProperty("contents");
    expect(data).not.toHaveProperty("content_ids");
  });
});
