import type { Config } from "#app/platform/env/env.server.ts";
import { isShopDomain } from "#app/shops/shop-domain.server.ts";

const SHOPIFY_ADMIN = "https://admin.shopify.com";

/**
 * Headers that every answer of the admin needs, whichever route or library made it.
 *
 * An address holds a session token, so no other site gets more of it than the origin; answers hold
 * a shop's data, so nobody stores them; a document may be framed by the shop it was asked for and
 * by no other page.
 */
export function protectResponse(
  response: Response,
  request: Request,
  config: Pick<Config, "SHOPIFY_SANDBOX_URL">,
): Response {
  const headers = new Headers(response.headers);
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "strict-origin");
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  if (headers.get("Content-Type")?.startsWith("text/html")) {
    headers.set("Content-Security-Policy", documentPolicy(request, config.SHOPIFY_SANDBOX_URL));
  }
  if (config.SHOPIFY_SANDBOX_URL !== undefined) stayInSandbox(headers, config.SHOPIFY_SANDBOX_URL);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

function documentPolicy(request: Request, sandboxUrl: string | undefined): string {
  const shop = new URL(request.url).searchParams.get("shop") ?? "";
  const hosts = [
    `https://${shop}`,
    SHOPIFY_ADMIN,
    ...(sandboxUrl === undefined ? [] : [sandboxUrl]),
  ];
  const ancestors = isShopDomain(shop) ? hosts.join(" ") : "'none'";
  return `frame-ancestors ${ancestors}; base-uri 'none'; object-src 'none'`;
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
