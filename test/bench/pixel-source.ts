import type { Installation } from "./installation.ts";

/** Ready-made requests of shoppers' browsers, each another event of another shopper. */
export interface PixelSource {
  make(count: number): { request: Buffer }[];
  /** With a key that is none of the shop's; `address`: of all of them, or each another. */
  forge(count: number, address?: string): Buffer[];
}

const BROWSER =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const LINE = {
  quantity: 1,
  merchandise: {
    id: "41327143321713",
    sku: "SOCK-1",
    title: "Red / M",
    price: { amount: 29.9, currencyCode: "USD" },
    product: { id: "7145712345678", title: "Merino socks", vendor: "Acme", type: "Hosiery" },
  },
  cost: { totalAmount: { amount: 29.9, currencyCode: "USD" } },
};
const ADDRESS = {
  firstName: "Jane",
  lastName: "Doe",
  city: "Louisville",
  provinceCode: "KY",
  zip: "40202",
  countryCode: "US",
};

/** What shoppers do, as often as of twenty events one is that. */
const SHARES: [times: number, name: string, data: (n: number) => object][] = [
  [9, "page_viewed", () => ({})],
  [6, "product_viewed", () => ({ productVariant: LINE.merchandise })],
  [1, "collection_viewed", (n) => ({ collection: { id: `${n}`, title: "Socks" } })],
  [1, "search_submitted", () => ({ searchResult: { query: "red socks" } })],
  [1, "product_added_to_cart", (n) => ({ cartLine: LINE, cart: { id: `cart-${n}` } })],
  [
    2,
    "checkout_started",
    (n) => ({
      cart: { id: `cart-${n}` },
      checkout: {
        token: `token-${n}`,
        email: `shopper-${n}@example.com`,
        currencyCode: "USD",
        subtotalPrice: LINE.cost.totalAmount,
        totalPrice: LINE.cost.totalAmount,
        shippingAddress: ADDRESS,
        billingAddress: ADDRESS,
        lineItems: [{ quantity: 1, variant: LINE.merchandise }],
      },
    }),
  ],
];
const MIX = SHARES.flatMap(([times, name, data]) => Array(times).fill({ name, data }));

export async function createPixelSource({ db, shops }: Installation): Promise<PixelSource> {
  const { rows } = await db.pool.query<{ domain: string; pixel_key: string }>(
    "select domain, pixel_key from shop where domain = any($1)",
    [shops],
  );
  let made = 0;

  function make(of: { domain: string; pixel_key: string }, address?: string): Buffer {
    made += 1;
    const { name, data } = MIX[made % MIX.length];
    const text = JSON.stringify({
      shop: of.domain,
      pixel_key: of.pixel_key,
      consent: { marketingAllowed: true, saleOfDataAllowed: true },
      click_id: "dj0yJnU9a0RlR2xQc2V1VnBxQmRfYzFrYkZ4d0xDUmhKTGZ2RG8",
      event: {
        id: `sh-${made}-0000-4000-8000-000000000000`,
        name,
        timestamp: new Date().toISOString(),
        clientId: `${made}-1111-4222-8333-444444444444`,
        context: {
          document: { location: { href: `https://${of.domain}/products/socks-${made % 99}` } },
          navigator: { userAgent: BROWSER, language: "en-US" },
        },
        data: data(made),
      },
    });
    // Each in a network of its own, of the range that is kept for examples.
    const from =
      address ?? `2001:db8:${(made >> 16).toString(16)}:${(made & 0xffff).toString(16)}::1`;
    return Buffer.from(
      `POST /pixel HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nUser-Agent: ${BROWSER}\r\n` +
        `X-Forwarded-For: ${from}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  }

  const shopOf = (n: number) => rows[n % rows.length] as (typeof rows)[number];
  return {
    make: (count) => Array.from({ length: count }, (_, n) => ({ request: make(shopOf(n)) })),
    forge: (count, address) =>
      Array.from({ length: count }, (_, n) => make({ ...shopOf(n), pixel_key: "forged" }, address)),
  };
}
