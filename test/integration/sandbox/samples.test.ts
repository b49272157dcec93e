import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { personalCanaries } from "#test/sandbox/personal-canaries.ts";
import { checkoutBody } from "#test/sandbox/sample-checkouts.ts";
import { customerBody } from "#test/sandbox/sample-customers.ts";
import { sampleDay } from "#test/sandbox/sample-day.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";

const AT = new Date("2026-11-24T10:00:00.000Z");

function recorded(topic: string): Record<string, unknown> {
  return JSON.parse(readFileSync(`test/fixtures/shopify/2026-07.${topic}.json`, "utf8"));
}

function keysOf(body: object): string[] {
  return Object.keys(body).sort();
}

// biome-ignore lint/suspicious/noExplicitAny: read back as the app would, field by field
const parsed = (body: object): any => JSON.parse(JSON.stringify(body));

describe("sample bodies", () => {
  test("have the fields of Shopify's own samples, no more and no fewer", () => {
    const order = recorded("orders_create") as { line_items: object[]; customer: object };
    const body = parsed(orderBody({ id: 1, createdAt: AT }));
    expect(keysOf(body)).toEqual(keysOf(order));
    expect(keysOf(body.line_items[0])).toEqual(keysOf(order.line_items[0] ?? {}));
    expect(keysOf(body.customer)).toEqual(keysOf(order.customer));
    const checkout = recorded("checkouts_create") as { line_items: object[] };
    const complete = checkoutBody({ token: "t", seed: 1, createdAt: AT, customerId: 5 });
    expect(keysOf(complete)).toEqual(keysOf(checkout));
    expect(keysOf(complete.line_items[0] ?? {})).toEqual(keysOf(checkout.line_items[0] ?? {}));
    const customer = customerBody({ id: 5, createdAt: AT });
    expect(keysOf(customer)).toEqual(keysOf(recorded("customers_create")));
  });

  test("keep all digits of an id past 2^53, and weigh what real ones weigh", () => {
    const text = JSON.stringify(orderBody({ id: "820982911946154508", lineCount: 2 }));
    expect(text).toContain('"id":820982911946154508,');
    expect(text.length).toBeGreaterThan(6000);
    expect(text.length).toBeLessThan(12_000);
  });

  test("are the same for the same seed", () => {
    const make = (seed: number) => JSON.stringify(orderBody({ id: 1, seed, createdAt: AT }));
    expect(make(7)).toBe(make(7));
    expect(make(7)).not.toBe(make(8));
  });

  test.each([
    ["US", "USD", /^\d+\.\d{2}$/],
    ["JP", "JPY", /^\d+$/],
    ["KW", "KWD", /^\d+\.\d{3}$/],
  ])("of %s give money as %s has it, and the sums add up", (country, currency, form) => {
    for (const taxesIncluded of [true, false]) {
      const options = { id: 5, country, taxesIncluded, discountPercent: 15, createdAt: AT };
      const body = parsed(orderBody(options));
      expect(body.currency).toBe(currency);
      expect(body.total_price).toMatch(form);
      const paid = Number(body.total_line_items_price) - Number(body.total_discounts);
      expect(Number(body.subtotal_price)).toBeCloseTo(paid, 3);
      const tax = taxesIncluded ? 0 : Number(body.total_tax);
      const shipping = Number(body.total_shipping_price_set.shop_money.amount);
      expect(Number(body.total_price)).toBeCloseTo(paid + tax + shipping, 3);
    }
  });

  test("show what the buyer saw in the buyer's currency", () => {
    const options = { id: 5, currency: "USD", presentmentCurrency: "JPY", createdAt: AT };
    const { total_price_set: set, presentment_currency } = parsed(orderBody(options));
    expect(presentment_currency).toBe("JPY");
    expect(set.shop_money.currency_code).toBe("USD");
    expect(set.presentment_money.amount).toMatch(/^\d{4,}$/);
  });

  test("of a draft carry the staff's machine, of the till none", () => {
    const web = orderBody({ id: 5 });
    const draft = orderBody({ id: 5, sourceName: "shopify_draft_order" });
    expect(draft.user_id).not.toBeNull();
    expect(draft.client_details?.browser_ip).not.toBe(web.client_details?.browser_ip);
    expect(orderBody({ id: 5, sourceName: "pos" }).client_details).toBeNull();
  });

  test("of a guest have no customer, and any field may be left out as redaction does", () => {
    expect(parsed(orderBody({ id: 5, guest: true }))).not.toHaveProperty("customer");
    const redacted = orderBody({ id: 5, overrides: { email: undefined } });
    expect(parsed(redacted)).not.toHaveProperty("email");
  });

  test("name every person, address, phone, IP and user agent in them as a canary", () => {
    const body = orderBody({ id: 5, createdAt: AT });
    const canaries = personalCanaries(parsed(body));
    const { email, billing_address: address, client_details: client } = body;
    const name = `${address?.first_name} ${address?.last_name}`;
    for (const text of [email, name, address?.phone, address?.address1, client?.browser_ip]) {
      expect(canaries).toContain(text);
    }
    expect(canaries).toContain(client?.user_agent);
    expect(canaries).toContain(email.toLowerCase());
    expect(canaries).not.toContain(body.name);
    expect(canaries).not.toContain(body.line_items[0]?.name);
  });
});

describe("a sample day", () => {
  const day = sampleDay({ seed: 1, start: AT, count: 24 });

  test("holds every kind of order, oldest first, within its 24 hours", () => {
    const notes = new Set(day.map(({ note }) => note));
    expect(notes.size).toBe(14);
    const times = day.map(({ triggeredAt }) => triggeredAt.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(AT.getTime() + 86_400_000);
    expect(new Set(day.map(({ body }) => parsed(body).currency)).size).toBeGreaterThan(7);
  });

  test("brings one delivery twice, under the same ids", () => {
    const twice = day.find(({ note }) => note === "duplicate");
    const first = day.find(({ note }) => note === "discounted");
    expect(twice).toMatchObject({ webhookId: first?.webhookId, eventId: first?.eventId });
    expect(twice?.body).toBe(first?.body);
    const others = day.filter(({ note }) => note !== "duplicate");
    expect(new Set(others.map(({ webhookId }) => webhookId)).size).toBe(others.length);
  });

  test("names the conversion event of its poisoned order", () => {
    const poison = day.find(({ note }) => note === "poison");
    const { admin_graphql_api_id: gid } = parsed(poison?.body ?? {});
    expect(poison?.conversionEventId).toBe(`order-${gid.split("/").at(-1)}-checkout`);
  });
});
