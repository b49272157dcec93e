import { readFileSync } from "node:fs";
import { ApiVersion } from "@shopify/shopify-api";
import fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkoutBody } from "#app/intake/read/read-checkout.server.ts";
import { customerBody } from "#app/intake/read/read-customer.server.ts";
import { orderBody as orderSchema } from "#app/intake/read/read-order.server.ts";
import { readWebhook } from "#app/intake/read/read-webhook.server.ts";
import { WEBHOOK_TOPICS } from "#app/intake/webhook-topics.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { SHOPIFY_API_VERSION } from "#app/shopify/ask-shopify.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { cutBody, includeFieldsOf } from "#test/sandbox/shopify/include-fields.ts";

const httpsUrl = z.url({ protocol: /^https$/ });

/** The keys that Shopify's command line knows and we use: it drops an unknown one in silence. */
const appToml = z.strictObject({
  client_id: z.string().min(1),
  name: z.string().min(1).max(30),
  handle: z.string().regex(/^[a-z0-9-]+$/),
  application_url: httpsUrl,
  embedded: z.literal(true),
  access_scopes: z.strictObject({
    scopes: z.string().regex(/^[a-z_]+(,[a-z_]+)*$/),
    use_legacy_install_flow: z.literal(false),
  }),
  auth: z.strictObject({ redirect_urls: z.array(httpsUrl).min(1) }),
  webhooks: z.strictObject({
    api_version: z.string(),
    subscriptions: z.array(
      z.union([
        z.strictObject({
          topics: z.array(z.string()).min(1),
          uri: z.literal("/webhooks"),
          include_fields: z.array(z.string()).min(1).optional(),
        }),
        z.strictObject({
          compliance_topics: z.array(
            z.enum(["customers/data_request", "customers/redact", "shop/redact"]),
          ),
          uri: z.literal("/webhooks"),
        }),
      ]),
    ),
  }),
  // With false, the development store would go on opening the address that stands here.
  build: z.strictObject({ automatically_update_urls_on_dev: z.literal(true) }),
});

const readToml = () =>
  appToml.parse(parse(readFileSync(new URL("../../shopify.app.toml", import.meta.url), "utf8")));

function fieldsOf(topic: string): string[] | undefined {
  const found = readToml().webhooks.subscriptions.find(
    (subscription) => "topics" in subscription && subscription.topics.includes(topic),
  );
  return found !== undefined && "include_fields" in found ? found.include_fields : undefined;
}

const sample = (name: string) =>
  JSON.parse(readFileSync(`test/fixtures/shopify/2026-07.${name}.json`, "utf8"));

/** By which schema the bodies of topics are read, and how such bodies look. */
const READ_BY = [
  [
    ["orders/create", "orders/paid", "orders/cancelled"],
    orderSchema,
    [sample("orders_create"), sample("orders_cancelled")],
  ],
  [["checkouts/create", "checkouts/update"], checkoutBody, [sample("checkouts_create")]],
  [["customers/create"], customerBody, [sample("customers_create")]],
] as const;

const TIP = { title: "Tip", quantity: 1, price: "2.00", tip_payment_gateway: null };

const read = (topic: string, body: object) => readWebhook(topic, Buffer.from(JSON.stringify(body)));

describe("what Shopify is told of the app", () => {
  test("only keys that Shopify knows are used", () => {
    expect(() => readToml()).not.toThrow();
  });

  test("webhooks come in the version that the app speaks, which is a stable one", () => {
    expect(readToml().webhooks.api_version).toBe(SHOPIFY_API_VERSION);
    expect(Object.values(ApiVersion)).toContain(SHOPIFY_API_VERSION);
    expect(SHOPIFY_API_VERSION).toMatch(/^\d{4}-\d{2}$/);
  });

  test("the topics subscribed to are the topics that are handled, each once", () => {
    const subscribed = readToml().webhooks.subscriptions.flatMap((subscription) =>
      "topics" in subscription ? subscription.topics : subscription.compliance_topics,
    );
    expect(subscribed.toSorted()).toEqual(WEBHOOK_TOPICS.toSorted());
  });

  test.each(READ_BY)("of %s it asks for what is read, and for nothing else", (topics, schema) => {
    expect(fieldsOf(topics[0])).toEqual(includeFieldsOf(schema));
    for (const topic of topics) expect(fieldsOf(topic)).toEqual(fieldsOf(topics[0]));
  });

  test("of topics about the app and of compliance requests it wants all", () => {
    const cut = WEBHOOK_TOPICS.filter((topic) => fieldsOf(topic) !== undefined);
    expect(cut.toSorted()).toEqual(READ_BY.flatMap(([topics]) => [...topics]).toSorted());
  });

  test("a body that is cut so is read like the whole one", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, lineCount) => {
        const order = orderBody({ id: "7001", seed, lineCount });
        const withTip = { ...order, line_items: [...(order.line_items as object[]), TIP] };
        for (const [topics, , samples] of READ_BY) {
          for (const topic of topics) {
            for (const body of [...samples, withTip]) {
              const cut = cutBody(body, fieldsOf(topic) ?? []);
              expect(read(topic, cut)).toEqual(read(topic, body));
            }
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test("the scopes asked for are those the app expects in its sandbox", () => {
    const { SCOPES } = parseEnv({ SHOPIFY_SANDBOX_URL: "http://127.0.0.1:4000" });
    expect(readToml().access_scopes.scopes.split(",")).toEqual(SCOPES);
  });
});
