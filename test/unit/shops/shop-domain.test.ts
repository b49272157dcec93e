import { expect, test } from "vitest";
import { isShopDomain } from "#app/shops/find-shop.server.ts";

test.each(["demo.myshopify.com", "a.myshopify.com", "shop-2-go.myshopify.com"])(
  "%s is a shop's name",
  (name) => expect(isShopDomain(name)).toBe(true),
);

test.each([
  "",
  "demo",
  "Demo.myshopify.com",
  "https://demo.myshopify.com",
  "demo.myshopify.com/",
  "demo.myshopify.com\n",
  "-demo.myshopify.com",
  "demo.example.com",
  "demo.myshopify.com.evil.example",
  "a.b.myshopify.com",
  `${"a".repeat(64)}.myshopify.com`,
  `${"a".repeat(250)}.myshopify.com`,
])("%j is no shop's name", (name) => expect(isShopDomain(name)).toBe(false));
