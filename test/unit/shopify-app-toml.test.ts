import { readFileSync } from "node:fs";
import { ApiVersion } from "@shopify/shopify-api";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { WEBHOOK_TOPICS } from "#app/intake/webhook-topics.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { SHOPIFY_API_VERSION } from "#app/shopify-api-version.ts";

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
        z.strictObject({ topics: z.array(z.string()).min(1), uri: z.literal("/webhooks") }),
        z.strictObject({
          compliance_topics: z.array(
            z.enum(["customers/data_request", "customers/redact", "shop/redact"]),
          ),
          uri: z.literal("/webhooks"),
        }),
      ]),
    ),
  }),
  build: z.strictObject({
    automatically_update_urls_on_dev: z.boolean(),
    include_config_on_deploy: z.literal(true),
  }),
});

const readToml = () =>
  appToml.parse(parse(readFileSync(new URL("../../shopify.app.toml", import.meta.url), "utf8")));

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

  test("the scopes asked for are those the app expects in its sandbox", () => {
    const { SCOPES } = parseEnv({ SHOPIFY_SANDBOX_URL: "http://127.0.0.1:4000" });
    expect(readToml().access_scopes.scopes.split(",")).toEqual(SCOPES);
  });
});
