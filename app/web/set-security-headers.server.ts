import type { Config } from "#app/platform/env/env.server.ts";
import { isShopDomain } from "#app/shops/find-shop.server.ts";

const SHOPIFY_ADMIN = "https://admin.shopify.com";
/** The address of Shopify's App Bridge. */
const SHOPIFY_CDN = "https://cdn.shopify.com";
/** Where App Bridge asks Shopify, and where it reports how fast a page was. */
const SHOPIFY_SERVICES = "https://*.shopify.com https://*.shopifysvc.com";
/** Where the form to log in leads a store. */
const STORES = "https://*.myshopify.com";

interface Page {
  /** The shop whose admin may frame the page; any other value allows no frame. */
  shop: string;
  nonce: string;
  /** Vite's server for developers tells of changes by WebSocket. */
  isDev?: boolean;
}

/** What a page needs no more of than its frame would give it; the clipboard is left to it. */
const NO_DEVICES = [
  "accelerometer",
  "camera",
  "display-capture",
  "geolocation",
  "gyroscope",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "usb",
]
  .map((feature) => `${feature}=()`)
  .join(", ");

/**
 * Headers of what the admin answers, whichever route or library made it. What every answer of the
 * process says is set already (`app/platform/http/base-headers.server.ts`): a document may be framed
 * by its shop's admin, and runs our scripts and Shopify's, and no others.
 */
export async function setSecurityHeaders(
  response: Response,
  { SHOPIFY_SANDBOX_URL: sandboxUrl }: Pick<Config, "SHOPIFY_SANDBOX_URL">,
  page: Page,
): Promise<Response> {
  const headers = new Headers(response.headers);
  headers.delete("Content-Security-Policy");
  const { status, statusText } = response;
  let body: ReadableStream | string | null = response.body;
  if (headers.get("Content-Type")?.startsWith("text/html")) {
    headers.set("Content-Type", "text/html; charset=utf-8");
    headers.set("Content-Security-Policy", documentPolicy(page, sandboxUrl));
    headers.set("Permissions-Policy", NO_DEVICES);
    // A frame ignores it. A page of its own, to log in say, is cut off from the page that opened it.
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    if (!headers.has(RENDERED)) body = signScripts(await response.text(), page.nonce);
  }
  headers.delete(RENDERED);
  if (sandboxUrl !== undefined) stayInSandbox(headers, sandboxUrl);
  return new Response(body, { status, statusText, headers });
}

/** Marks a document whose scripts have the nonce. It is removed in this file. */
const RENDERED = "X-Rendered";

/** Pages of Shopify's library: two scripts, the second one inline. */
function signScripts(html: string, nonce: string): string {
  return html.replaceAll("<script", `<script nonce="${nonce}"`);
}

/**
 * Scripts need the nonce; styles do not. React renders Polaris' measures as style attributes, which
 * can't bear a nonce, and Shopify's App Bridge hides its own elements by style elements, to which
 * nothing hands one: blocked, its menu would stand in the page.
 */
function documentPolicy({ shop, nonce, isDev }: Page, sandboxUrl: string | undefined): string {
  const sandbox = sandboxUrl === undefined ? "" : ` ${sandboxUrl}`;
  const ancestors = isShopDomain(shop) ? `https://${shop} ${SHOPIFY_ADMIN}${sandbox}` : "'none'";
  const bridge = sandboxUrl ?? SHOPIFY_CDN;
  return [
    `frame-ancestors ${ancestors}`,
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' ${bridge}`,
    `style-src 'self' 'unsafe-inline' ${bridge}`,
    `img-src 'self' data: ${bridge}`,
    `connect-src 'self' ${sandboxUrl ?? SHOPIFY_SERVICES}${isDev ? " ws: wss:" : ""}`,
    `form-action 'self' ${sandboxUrl ?? `${SHOPIFY_ADMIN} ${STORES}`}`,
    "base-uri 'none'",
    "object-src 'none'",
  ].join("; ");
}

/** The library preloads Shopify's own App Bridge, and sends the browser to Shopify's own admin. */
function stayInSandbox(headers: Headers, sandboxUrl: string): void {
  headers.delete("Link");
  const location = headers.get("Location");
  if (location?.startsWith(`${SHOPIFY_ADMIN}/`) !== true) return;
  const { pathname, search } = new URL(location);
  const [, store, path = ""] =
    /^\/store\/([^/]+)(?:\/apps\/[^/]+\/app(\/.*))?/.exec(pathname) ?? [];
  if (store === undefined) return;
  headers.set("Location", `${sandboxUrl}/store/${store}/apps/pinrelay${path}${path && search}`);
}
