import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isZeroDecimal, subtractDecimals } from "#app/mapping/decimal.server.ts";
import { type Body, mapOrderBody, sentEvent, webOrder } from "./web-order.ts";

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
