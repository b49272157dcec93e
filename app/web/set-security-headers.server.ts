import type { Config } from "#app/platform/env/env.server.ts";
import { isShopDomain } from "#app/shops/shop-domain.server.ts";

const SHOPIFY_ADMIN = "https://admin.shopify.com";
/** The address of Shopify's App Bridge. */
const SHOPIFY_CDN = "https://cdn.shopify.com";

interface Page {
  /** The shop whose admin may frame the page; any other value allows no frame. */
  shop: string;
  nonce: string;
}

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
    headers.set("Content-Security-Policy", documentPolicy(page, sandboxUrl));
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

function documentPolicy({ shop, nonce }: Page, sandboxUrl: string | undefined): string {
  const hosts = [
    `https://${shop}`,
    SHOPIFY_ADMIN,
    ...(sandboxUrl === undefined ? [] : [sandboxUrl]),
  ];
  const ancestors = isShopDomain(shop) ? hosts.join(" ") : "'none'";
  const scripts = `'self' 'nonce-${nonce}' ${sandboxUrl ?? SHOPIFY_CDN}`;
  return `frame-ancestors ${ancestors}; script-src ${scripts}; base-uri 'none'; object-src 'none'`;
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
