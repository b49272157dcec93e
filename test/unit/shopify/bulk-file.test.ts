import { expect, test } from "vitest";
import { isShopifyStorage } from "#app/shopify/bulk-orders.server.ts";

const BUCKET = "https://storage.googleapis.com/shopify-tiers-assets-prod-us-east1";

test.each([
  [`${BUCKET}/bulk-operation-outputs/a-final?GoogleAccessId=x&Expires=1&Signature=y`, true],
  [`http://storage.googleapis.com/shopify-tiers-assets-prod-us-east1/a`, false],
  [`https://storage.googleapis.com:8443/shopify-tiers-assets-prod-us-east1/a`, false],
  [`https://storage.googleapis.com.evil.example/shopify-tiers-assets-prod-us-east1/a`, false],
  [`https://storage.googleapis.com@169.254.169.254/shopify-tiers/a`, false],
  [`https://user:password@storage.googleapis.com/shopify-tiers/a`, false],
  [`https://storage.googleapis.com/someone-else/a`, false],
  [`https://storage.googleapis.com/shopify-tiers/../someone-else/a`, false],
  ["https://169.254.169.254/latest/meta-data", false],
  ["http://127.0.0.1:4000/bulk-operation-outputs/a", false],
  ["file:///etc/passwd", false],
  ["no address", false],
])("%s is an address of Shopify's storage: %s", (address, isOne) => {
  expect(isShopifyStorage(address, undefined)).toBe(isOne);
});

test("in sandbox mode the sandbox is its storage, and nothing else", () => {
  expect(isShopifyStorage("http://127.0.0.1:4000/a", "http://127.0.0.1:4000")).toBe(true);
  expect(isShopifyStorage("http://127.0.0.1:4001/a", "http://127.0.0.1:4000")).toBe(false);
  expect(isShopifyStorage(`${BUCKET}/a`, "http://127.0.0.1:4000")).toBe(false);
});
