import { describe, expect, test } from "vitest";
import { protectResponse } from "#app/protect-response.server.ts";

const HTML = { "Content-Type": "text/html; charset=utf-8" };
const SANDBOX = { SHOPIFY_SANDBOX_URL: "http://127.0.0.1:4000" };

function headersOf(query: string, headers: Record<string, string>, config = {}): Headers {
  const request = new Request(`http://app.example/app${query}`);
  return protectResponse(new Response("", { headers }), request, config).headers;
}

describe("every answer of the admin", () => {
  test("a page may be framed by its own store's admin and by nobody else", () => {
    const own = headersOf("?shop=demo.myshopify.com", HTML).get("Content-Security-Policy");
    expect(own).toMatch(
      /^frame-ancestors https:\/\/demo\.myshopify\.com https:\/\/admin\.shopify\.com;/,
    );
    for (const query of [
      "",
      "?shop=evil.example",
      "?shop=*",
      "?shop=a.myshopify.com%20evil.example",
    ]) {
      const policy = headersOf(query, HTML).get("Content-Security-Policy");
      expect(policy).toMatch(/^frame-ancestors 'none';/);
    }
  });

  test("a policy that came with an unchecked store name is replaced", () => {
    const given = { ...HTML, "Content-Security-Policy": "frame-ancestors https://evil.example" };
    expect(headersOf("?shop=evil.example", given).get("Content-Security-Policy")).not.toContain(
      "evil",
    );
  });

  test("nobody stores it, guesses its type, or is told its address", () => {
    const headers = headersOf("", { "Content-Type": "application/json" });
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Referrer-Policy")).toBe("strict-origin");
  });

  test("in sandbox mode the browser is sent to the sandbox, not to Shopify", () => {
    const given = {
      ...HTML,
      Link: "<https://cdn.shopify.com/shopifycloud/app-bridge.js>; rel=preload",
      Location: "https://admin.shopify.com/store/demo/oauth/install?client_id=x",
    };
    const inSandbox = headersOf("?shop=demo.myshopify.com", given, SANDBOX);
    expect(inSandbox.get("Link")).toBeNull();
    expect(inSandbox.get("Location")).toBe("http://127.0.0.1:4000/store/demo/apps/pinrelay");
    expect(inSandbox.get("Content-Security-Policy")).toContain("http://127.0.0.1:4000");
    const page = "https://admin.shopify.com/store/demo/apps/x/app/settings/connection?sign_in=y";
    expect(headersOf("", { ...HTML, Location: page }, SANDBOX).get("Location")).toBe(
      "http://127.0.0.1:4000/store/demo/apps/pinrelay/settings/connection?sign_in=y",
    );
    const outside = headersOf("?shop=demo.myshopify.com", given);
    expect(outside.get("Location")).toBe(given.Location);
    expect(outside.get("Content-Security-Policy")).not.toContain("127.0.0.1");
  });
});
