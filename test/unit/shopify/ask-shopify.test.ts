import { expect, test } from "vitest";
import { z } from "zod";
import { createRegistry } from "#app/platform/metrics.server.ts";
import {
  askShopify,
  registerShopifyMetrics,
  type ShopifyAdmin,
} from "#app/shopify/ask-shopify.server.ts";

const SHOP_NAME = {
  text: "query ShopName { shop { name } }",
  data: z.object({ shop: z.object({ name: z.string() }) }),
};

const answering = (body: unknown): ShopifyAdmin["graphql"] => {
  return async () => ({ json: async () => body });
};

const throwing = (thrown: unknown): ShopifyAdmin["graphql"] => {
  return () => Promise.reject(thrown);
};

const graphqlError = (code: string) =>
  Object.assign(new TypeError("no"), {
    body: { errors: { graphQLErrors: [{ extensions: { code } }] } },
  });

test("an answer of the form that is asked for is found, without what else it holds", async () => {
  const graphql = answering({ data: { shop: { name: "Linen", id: "1" } }, extensions: {} });
  expect(await askShopify({ graphql }, SHOP_NAME)).toEqual({
    ok: true,
    found: { shop: { name: "Linen" } },
  });
});

test.each([
  ["an answer of another form", answering({ data: { shop: null } }), "unreadable"],
  ["an answer without data", answering(null), "unreadable"],
  ["no answer", throwing(new TypeError("fetch failed")), "silent"],
  ["too many requests", throwing(graphqlError("THROTTLED")), "silent"],
  [
    "a fault of Shopify's in a merchant's request",
    throwing(new Response(null, { status: 502 })),
    "silent",
  ],
  ["a missing permission", throwing(graphqlError("ACCESS_DENIED")), "denied"],
  ["a refusal in a merchant's request", throwing(new Response(null, { status: 403 })), "denied"],
  [
    "a dropped token, which the library replaces",
    throwing(new Response(null, { status: 401 })),
    "silent",
  ],
  ["a refusal in a request of Flow", throwing({ response: { code: 401 } }), "denied"],
])("%s has its own failure", async (_, graphql, failure) => {
  expect(await askShopify({ graphql }, SHOP_NAME)).toEqual({ ok: false, failure });
});

test("every query has a deadline, of the caller's or its own", async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const graphql: ShopifyAdmin["graphql"] = async (_, options) => {
    signals.push(options?.signal);
    return { json: async () => ({ data: { shop: { name: "Linen" } } }) };
  };
  const own = AbortSignal.timeout(60_000);
  await askShopify({ graphql }, SHOP_NAME);
  await askShopify({ graphql }, SHOP_NAME, {}, own);
  expect(signals).toEqual([expect.any(AbortSignal), own]);
});

test("each answer is counted by its result, however often the metrics are read", async () => {
  const registry = createRegistry();
  registerShopifyMetrics(registry);
  const count = async (result: string) => {
    const text = await registry.metrics();
    const value = new RegExp(`^shopify_requests_total\\{result="${result}"\\} (\\d+)$`, "m").exec(
      text,
    );
    return Number(value?.[1] ?? 0);
  };
  const before = [await count("found"), await count("denied")];
  await askShopify({ graphql: answering({ data: { shop: { name: "Linen" } } }) }, SHOP_NAME);
  await askShopify({ graphql: throwing(graphqlError("ACCESS_DENIED")) }, SHOP_NAME);
  await askShopify({ graphql: throwing(graphqlError("ACCESS_DENIED")) }, SHOP_NAME);
  const after = [await count("found"), await count("denied")];
  expect(after.map((n, place) => n - (before[place] ?? 0))).toEqual([1, 2]);
});
