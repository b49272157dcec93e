import { createHmac } from "node:crypto";
import { issueSessionToken } from "./session-token.ts";

export interface FrameContext {
  apiKey: string;
  secret: string;
  appUrl: string;
  nowMs: number;
}

/** `demo` or `demo.myshopify.com` → `demo.myshopify.com` */
export function shopDomain(name: string): string {
  return name.endsWith(".myshopify.com") ? name : `${name}.myshopify.com`;
}

/**
 * The address Shopify's admin puts into the frame: `embedded`, `host`, `shop`, a fresh `id_token`,
 * and the HMAC over the query.
 */
export function frameUrl(context: FrameContext, shop: string, path: string, search = ""): string {
  const { apiKey, secret, appUrl, nowMs } = context;
  const url = new URL(`/app${path}`, appUrl);
  for (const [key, value] of new URLSearchParams(search)) url.searchParams.append(key, value);
  const store = shop.replace(".myshopify.com", "");
  const host = Buffer.from(`admin.shopify.com/store/${store}`).toString("base64url");
  url.searchParams.set("embedded", "1");
  url.searchParams.set("host", host);
  url.searchParams.set("id_token", issueSessionToken({ shop, apiKey, secret, nowMs }));
  url.searchParams.set("locale", "en");
  url.searchParams.set("session", createHmac("sha256", secret).update(shop).digest("hex"));
  url.searchParams.set("shop", shop);
  url.searchParams.set("timestamp", String(Math.floor(nowMs / 1000)));
  url.searchParams.sort();
  const signed = [...url.searchParams].map(([key, value]) => `${key}=${value}`).join("&");
  url.searchParams.set("hmac", createHmac("sha256", secret).update(signed).digest("hex"));
  return url.href;
}

/** A page in place of Shopify's admin, with the app in a frame. */
export function renderHostPage(context: FrameContext, shop: string, path: string, search: string) {
  const source = frameUrl(context, shop, path, search).replaceAll("&", "&amp;");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><title>${shop} · Local Shopify</title>
<style>html,body{height:100%;margin:0;font:14px system-ui,sans-serif}body{display:flex;flex-direction:column}
header{background:#1a1a1a;color:#e3e3e3;padding:10px 16px}iframe{flex:1;border:0}</style></head>
<body><header>Local Shopify · ${shop} · Pinrelay</header>
<iframe name="app-iframe" title="Pinrelay" src="${source}" allow="clipboard-write"></iframe></body></html>`;
}
