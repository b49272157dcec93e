import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { shopSettings } from "#app/events/shop-settings.ts";
import { readPixelBody } from "#app/intake/pixel/read-pixel-body.server.ts";
import { listPageKeys } from "#app/mapping/identify-browser-event.server.ts";
import { mapBrowserEvent } from "#app/mapping/map-browser-event.server.ts";
import { BROWSER, type PixelParts, pixelBody } from "#test/support/pixel-server.ts";

const OWNER = { domain: "demo.myshopify.com", pixelKey: "key" };
const ARRIVAL = Date.parse("2026-11-24T10:00:00.500Z");
const AT = "2026-11-24T09:59:59.900Z";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function policy(settings: object = {}, countryCode: "US" | "DE" = "US") {
  return {
    shopDomain: OWNER.domain,
    primaryDomain: "shop.example",
    countryCode,
    settings: shopSettings.parse(settings),
  };
}

function read(name: string, parts: PixelParts = {}, address: string | null = "198.51.100.7") {
  const body = Buffer.from(JSON.stringify(pixelBody(OWNER, name, { timestamp: AT, ...parts })));
  const given = readPixelBody(body, { address, userAgent: BROWSER, atMs: ARRIVAL });
  if (given.kind === "faulty") throw new TypeError(given.message);
  return given.event;
}

function map(name: string, parts: PixelParts = {}, as = policy()): MappedEvent | null {
  return mapBrowserEvent(read(name, parts), as, Math.floor(ARRIVAL / 1_000));
}

function sent(mapped: MappedEvent | null) {
  if (mapped?.outcome.kind !== "send") throw new TypeError(JSON.stringify(mapped));
  return mapped.outcome.event;
}

const variant = {
  id: "41327143321713",
  sku: "SOCK-1",
  title: "Red",
  price: { amount: 29.9, currencyCode: "USD" },
  product: { id: "7145", title: "Socks", vendor: "Acme", type: "Hosiery" },
};
const checkout = {
  token: "c-1",
  email: "Jane@Example.com ",
  phone: "+1 613-555-0145",
  currencyCode: "USD",
  subtotalPrice: { amount: 59.8, currencyCode: "USD" },
  totalPrice: { amount: 71.3, currencyCode: "USD" },
  shippingAddress: { countryCode: "US", provinceCode: "KY", zip: "40202", city: "Louisville" },
  order: { id: null, customer: { id: "gid://shopify/Customer/77" } },
  lineItems: [{ title: "Socks", quantity: 2, variant, finalLinePrice: { amount: 59.8 } }],
};

describe("what a browser did", () => {
  test("becomes Pinterest's event, with what the browser is known by", () => {
    const parts = { id: "sh-1", clickId: "dj0yJnU9abc", data: { productVariant: variant } };
    expect(sent(map("product_viewed", parts))).toEqual({
      event_name: "page_visit",
      action_source: "web",
      event_time: 1_795_514_399,
      event_id: "sh-1",
      event_source_url: "https://demo.myshopify.com/products/socks",
      partner_name: "ss-pinrelay",
      language: "en",
      user_data: {
        external_id: [sha256("11111111-2222-4333-8444-555555555555")],
        click_id: "dj0yJnU9abc",
        client_ip_address: "198.51.100.7",
        client_user_agent: BROWSER,
      },
      custom_data: {
        currency: "USD",
        value: "29.9",
        content_ids: ["41327143321713"],
        contents: [
          {
            id: "41327143321713",
            item_price: "29.9",
            quantity: 1,
            item_name: "Socks",
            item_category: "Hosiery",
            item_brand: "Acme",
          },
        ],
        content_name: "Socks",
        content_category: "Hosiery",
        content_brand: "Acme",
        num_items: 1,
      },
    });
  });

  test.each([
    ["page_viewed", {}, "page_visit", undefined],
    [
      "collection_viewed",
      { collection: { id: 5, title: "Shoes", productVariants: [variant, { title: "x" }] } },
      "view_category",
      { content_category: "Shoes", content_ids: ["41327143321713"] },
    ],
    [
      "search_submitted",
      { searchResult: { query: "red socks" } },
      "search",
      { search_string: "red socks" },
    ],
    [
      "product_added_to_cart",
      { cartLine: { merchandise: variant, quantity: 3, cost: { totalAmount: { amount: 80.1 } } } },
      "add_to_cart",
      { value: "80.1", currency: "USD", num_items: 3, content_ids: ["41327143321713"] },
    ],
    [
      "checkout_started",
      { checkout },
      "initiate_checkout",
      { value: "59.8", currency: "USD", num_items: 2, content_ids: ["41327143321713"] },
    ],
    ["payment_info_submitted", { checkout }, "add_payment_info", { value: "59.8" }],
  ])("%s is what Pinterest calls it", (name, data, kind, customData) => {
    const event = sent(map(name, { data }));
    expect(event.event_name).toBe(kind);
    if (customData === undefined) expect(event.custom_data).toBeUndefined();
    else expect(event.custom_data).toMatchObject(customData);
  });

  test("takes a shop's format of product ids, and its choice of the value", () => {
    const shops = policy({ product_id: "shopify_{country}_{product}_{sku}", value_basis: "total" });
    const { custom_data: data } = sent(map("checkout_started", { data: { checkout } }, shops));
    expect(data).toMatchObject({ content_ids: ["shopify_US_7145_SOCK-1"], value: "71.3" });
  });

  test("names a person of a checkout by digests alone", () => {
    const mapped = map("checkout_started", { data: { checkout } });
    const { user_data } = sent(mapped);
    expect(user_data).toMatchObject({
      em: [sha256("jane@example.com")],
      ph: [sha256("16135550145")],
      st: [sha256("ky")],
      zp: [sha256("40202")],
      country: [sha256("us")],
      external_id: [sha256("77"), sha256("11111111-2222-4333-8444-555555555555")],
    });
    expect(JSON.stringify(mapped)).not.toMatch(/jane|555-?0145|louisville/i);
    expect(mapped?.notes).toContain("em=order");
    expect(mapped?.notes).toContain("client_ip_address=browser");
  });

  test("is no purchase, whatever a page says, and nothing that Pinterest does not know", () => {
    const customData = { value: 5, currency: "USD", order_id: "1" };
    const names = ["checkout_completed", "pinrelay:checkout", "pinrelay:page_report"];
    for (const name of [...names, "pinrelay:constructor", "pinrelay:", "consent_changed", "x"]) {
      expect([name, map(name, { customData, data: { checkout } })]).toEqual([name, null]);
    }
    const lead = sent(map("pinrelay:lead", { customData: { ...customData, email: "a@b.co" } }));
    expect(lead).toMatchObject({
      event_name: "lead",
      custom_data: { value: "5", currency: "USD", order_id: "1" },
      user_data: { em: [sha256("a@b.co")] },
    });
    expect(sent(map("pinrelay:watch_video")).custom_data).toBeUndefined();
    const refund = { value: "-5.00", currency: "EUR" };
    expect(sent(map("pinrelay:lead", { customData: refund })).custom_data).toBeUndefined();
    // 2^53 + 1, which JSON reads as 2^53: another product.
    const ids = ["9007199254740993", 2 ** 53, 7145];
    const sloppy = { value: "5", currency: "usd", product_ids: 7145, content_name: 501 };
    expect(sent(map("pinrelay:view_category", { customData: sloppy })).custom_data).toMatchObject({
      value: "5",
      currency: "USD",
      content_ids: ["7145"],
      content_name: "501",
    });
    const search = sent(
      map("pinrelay:search", { customData: { search_string: 42, phone: 16135550145 } }),
    );
    expect(search.custom_data).toEqual({ search_string: "42" });
    const listed = sent(map("pinrelay:add_to_cart", { customData: { productIds: ids } }));
    expect(listed.custom_data?.content_ids).toEqual(["9007199254740993", "7145"]);
  });

  test("of a page's own is sent without what a page means otherwise by a field's name", () => {
    const good = { value: "5", currency: "USD", contentName: "Guide", productIds: [{}, "7145"] };
    const tags = { tags: "newsletter", cookie: "yes", shares_ids: 1, email_digest: 7 };
    const odd = { ...tags, orderId: true, orderQuantity: [2], contentBrand: false, phone: {} };
    const lead = sent(map("pinrelay:lead", { customData: { ...good, ...odd, email: ["a@b.co"] } }));
    expect(lead.user_data.em).toBeUndefined();
    expect(lead.custom_data).toEqual({
      value: "5",
      currency: "USD",
      content_name: "Guide",
      content_ids: ["7145"],
      contents: [{ id: "7145" }],
    });
    expect(sent(map("pinrelay:lead", { customData: ["footer"] })).event_name).toBe("lead");
  });

  test("is left out where the shop turned it off", () => {
    const off = policy({ "events.add_to_cart": "off", "events.page_visit": "off" });
    const outcome = { kind: "skip", reason: "event_off" };
    expect(map("page_viewed", {}, off)?.outcome).toEqual(outcome);
    expect(map("pinrelay:add_to_cart", {}, off)?.outcome).toEqual(outcome);
    expect(sent(map("pinrelay:lead", {}, off)).event_name).toBe("lead");
  });
});

describe("consent", () => {
  const by = (consent: object | null, as = policy()) => map("page_viewed", { consent }, as);

  test("is the shopper's own word before any rule of a region", () => {
    const german = policy({}, "DE");
    expect(by({ marketingAllowed: false })).toBeNull();
    expect(by({ marketingAllowed: true }, german)?.consent).toBe("allowed:browser");
    expect(by(null, german)?.outcome).toEqual({ kind: "skip", reason: "consent_unknown" });
    expect(by({}, policy())?.consent).toBe("allowed:consent.default");
  });

  test("is that of the country of the checkout, where there is one", () => {
    const address = { countryCode: "DE" };
    const given = (fields: object) => ({
      consent: {},
      data: { checkout: { token: "c", ...fields } },
    });
    const shipped = given({ shippingAddress: address, billingAddress: { countryCode: "US" } });
    expect(map("checkout_started", shipped)?.outcome).toMatchObject({ reason: "consent_unknown" });
    const billed = given({ billingAddress: address });
    expect(map("checkout_started", billed)?.outcome).toMatchObject({ reason: "consent_unknown" });
    expect(map("checkout_started", given({}))?.outcome.kind).toBe("send");
  });

  test("to marketing without a sale of data is passed on", () => {
    const consent = { marketingAllowed: true, saleOfDataAllowed: false };
    const event = sent(map("checkout_started", { consent, data: { checkout } }));
    expect(event.custom_data?.opt_out_type).toBe("LDP");
    expect(event.user_data).toMatchObject({ st: [sha256("ky")], country: [sha256("us")] });
    // No other event has an address.
    for (const name of ["page_viewed", "search_submitted", "product_added_to_cart"]) {
      const data = { searchResult: { query: "socks" }, cartLine: { merchandise: variant } };
      const seen = sent(map(name, { consent, data, region: "USCA" }));
      expect(seen.custom_data?.opt_out_type).toBe("LDP");
      expect(seen.user_data).toMatchObject({ st: [sha256("ca")], country: [sha256("us")] });
    }
  });

  test("never lets anything of a refusing shopper through", () => {
    const event = read("checkout_started", {
      consent: { marketingAllowed: false },
      clickId: "click",
      data: { checkout },
    });
    expect(Object.values(event.evidence)).toEqual(Object.values(event.evidence).map(() => null));
  });
});

describe("the time of an event", () => {
  test.each([
    ["the browser's, where it may be true", -3_599_000, -3_599_000],
    ["the arrival's, where the browser's clock is ahead", 1_000, 0],
    ["the arrival's, where it is more than an hour behind", -3_601_000, 0],
    ["the arrival's, where it is years off", 9e11, 0],
  ])("is %s", (_name, offMs, expectedMs) => {
    const timestamp = new Date(ARRIVAL + offMs).toISOString();
    const mapped = map("page_viewed", { timestamp });
    expect(mapped?.eventTimeSeconds).toBe(Math.floor((ARRIVAL + expectedMs) / 1_000));
  });
});

describe("amounts", () => {
  const amountOf = (amount: unknown) =>
    map("product_viewed", {
      data: { productVariant: { ...variant, price: { amount, currencyCode: "JPY" } } },
    })?.value;

  test.each([
    [0.1 + 0.2, "0.3"],
    [59.970000000000006, "59.97"],
    [1980, "1980"],
    [1.005, "1.005"],
    [1e-9, "0"],
    [1e21, null],
    ["12.50", "12.50"],
    ["1e3", null],
    [null, null],
  ])("%s is sent as %s", (given, expected) => expect(amountOf(given)).toBe(expected));

  test("keep every digit that a currency can have", () => {
    const price = fc.tuple(
      fc.integer({ min: 0, max: 999_999_999 }),
      fc.integer({ min: 0, max: 3 }),
    );
    fc.assert(
      fc.property(price, ([units, places]) => {
        const text = (units / 10 ** places).toFixed(places);
        const plain = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
        expect(amountOf(Number(text))).toBe(plain);
      }),
    );
  });
});

describe("the identity of an event", () => {
  const keyOf = (name: string, parts: PixelParts = {}) => map(name, parts)?.sourceKey ?? "";
  const inWindow = (second: number) => new Date(ARRIVAL - 600_000 + second * 1_000).toISOString();

  test("of a page is who looked at what, whatever its address carries", () => {
    const timestamp = inWindow(0);
    const first = keyOf("page_viewed", { timestamp, href: "https://shop.example/a?x=1#y" });
    const of = (parts: PixelParts) => keyOf("page_viewed", { timestamp, ...parts });
    expect(first).toMatch(/^page:[0-9a-f]{32}:\d+$/);
    expect(of({ href: "https://shop.example/a?x=2" })).toBe(first);
    expect(of({ href: "https://shop.example/b" })).not.toBe(first);
    expect(of({ href: "https://shop.example/a", clientId: "other" })).not.toBe(first);
    const product = {
      timestamp,
      href: "https://shop.example/a",
      data: { productVariant: variant },
    };
    expect(keyOf("product_viewed", product)).toBe(first);
  });

  test("of two looks within 30 seconds is one that the later finds", () => {
    const within = fc.integer({ min: 0, max: 30_000 });
    const start = fc.integer({ min: 0, max: 120_000 });
    fc.assert(
      fc.property(start, within, (startMs, laterMs) => {
        const early = keyOf("page_viewed", { timestamp: inWindow(startMs / 1_000) });
        const late = keyOf("page_viewed", { timestamp: inWindow((startMs + laterMs) / 1_000) });
        expect(listPageKeys(late)).toContain(early);
        expect(listPageKeys(early)).toContain(late);
      }),
    );
  });

  test("of a checkout is its token, of anything else the browser's id", () => {
    expect(keyOf("checkout_started", { data: { checkout } })).toBe("c-1");
    expect(keyOf("payment_info_submitted", { data: { checkout } })).toBe("c-1");
    expect(keyOf("pinrelay:lead", { id: "sh-9" })).toBe("browser:sh-9");
    expect(listPageKeys("browser:page:1")).toEqual([]);
    expect(listPageKeys("c-1")).toEqual([]);
  });
});

test("a browser's event cannot have the id of an event of the store", () => {
  for (const [id, isFaulty] of [
    ["order-1001-checkout", true],
    ["checkout-c2-initiate_checkout", true],
    ["customer-7-signup", true],
    ["order-1001-signup", false],
    ["sh-order-1001-checkout", false],
  ] as const) {
    const tell = () => read("checkout_completed", { id, data: { checkout } });
    if (isFaulty) expect(tell, id).toThrow(/event\.id: .*no id of an order's event/);
    else expect(tell().id).toBe(id);
  }
});
