import { describe, expect, test } from "vitest";
import { baseHeaders } from "#app/platform/http/base-headers.server.ts";
import { setSecurityHeaders } from "#app/web/set-security-headers.server.ts";

const HTML = { "Content-Type": "text/html; charset=utf-8" };
const SANDBOX = { SHOPIFY_SANDBOX_URL: "http://127.0.0.1:4000" };

async function headersOf(
  shop: string,
  headers: Record<string, string>,
  config = {},
): Promise<Headers> {
  const page = { shop, nonce: "n0nce" };
  return (await setSecurityHeaders(new Response("", { headers }), config, page)).headers;
}

describe("every answer of the admin", () => {
  test("a page may be framed by its own store's admin and by nobody else", async () => {
    const own = (await headersOf("demo.myshopify.com", HTML)).get("Content-Security-Policy");
    expect(own).toMatch(
      /^frame-ancestors https:\/\/demo\.myshopify\.com https:\/\/admin\.shopify\.com;/,
    );
    for (const shop of ["", "evil.example", "*", "a.myshopify.com evil.example"]) {
      const policy = (await headersOf(shop, HTML)).get("Content-Security-Policy");
      expect(policy).toMatch(/^frame-ancestors 'none';/);
    }
  });

  test("a policy that came with an unchecked store name is replaced", async () => {
    const given = { ...HTML, "Content-Security-Policy": "frame-ancestors https://evil.example" };
    const policy = (await headersOf("evil.example", given)).get("Content-Security-Policy");
    expect(policy).not.toContain("evil");
  });

  test("a page runs its own scripts and Shopify's, also those of Shopify's library", async () => {
    const page = { shop: "demo.myshopify.com", nonce: "n0nce" };
    const html = `<script src="https://cdn.shopify.com/x.js"></script><script>go()</script>`;
    const answer = await setSecurityHeaders(new Response(html, { headers: HTML }), {}, page);
    expect(await answer.text()).toContain(`<script nonce="n0nce">go()`);
    const policy = answer.headers.get("Content-Security-Policy");
    expect(policy).toContain("script-src 'self' 'nonce-n0nce' https://cdn.shopify.com;");
  });

  test("outside a sandbox a page loads from Shopify alone, and leads to stores alone", async () => {
    const policy = (await headersOf("demo.myshopify.com", HTML)).get("Content-Security-Policy");
    expect(Object.fromEntries((policy ?? "").split("; ").map(splitDirective))).toEqual({
      "frame-ancestors": "https://demo.myshopify.com https://admin.shopify.com",
      "default-src": "'none'",
      "script-src": "'self' 'nonce-n0nce' https://cdn.shopify.com",
      "style-src": "'self' 'unsafe-inline' https://cdn.shopify.com",
      "img-src": "'self' data: https://cdn.shopify.com",
      "connect-src": "'self' https://*.shopify.com https://*.shopifysvc.com",
      "form-action": "'self' https://admin.shopify.com https://*.myshopify.com",
      "base-uri": "'none'",
      "object-src": "'none'",
    });
  });

  test("a browser that came by https comes by https for two years, to every name below too", () => {
    const of = (url: string) => baseHeaders(url)["Strict-Transport-Security"];
    expect(of("https://pinrelay.example.com")).toBe("max-age=63072000; includeSubDomains");
    expect(of("http://127.0.0.1:3000")).toBeUndefined();
  });

  test("in sandbox mode the browser is sent to the sandbox, not to Shopify", async () => {
    const given = {
      ...HTML,
      Link: "<https://cdn.shopify.com/shopifycloud/app-bridge.js>; rel=preload",
      Location: "https://admin.shopify.com/store/demo/oauth/install?client_id=x",
    };
    const inSandbox = await headersOf("demo.myshopify.com", given, SANDBOX);
    expect(inSandbox.get("Link")).toBeNull();
    expect(inSandbox.get("Location")).toBe("http://127.0.0.1:4000/store/demo/apps/pinrelay");
    expect(inSandbox.get("Content-Security-Policy")).toContain("http://127.0.0.1:4000");
    const page = "https://admin.shopify.com/store/demo/apps/x/app/settings/connection?sign_in=y";
    expect((await headersOf("", { ...HTML, Location: page }, SANDBOX)).get("Location")).toBe(
      "http://127.0.0.1:4000/store/demo/apps/pinrelay/settings/connection?sign_in=y",
    );
    const outside = await headersOf("demo.myshopify.com", given);
    expect(outside.get("Location")).toBe(given.Location);
    expect(outside.get("Content-Security-Policy")).not.toContain("127.0.0.1");
  });
});

function splitDirective(directive: string): [string, string] {
  const [name = "", ...sources] = directive.split(" ");
  return [name, sources.join(" ")];
}
