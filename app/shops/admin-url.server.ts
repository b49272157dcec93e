/**
 * A page of this app within Shopify's admin; `path` is what follows `/app`. The local Shopify's page
 * opens the app at `/app` by itself.
 */
export function adminUrl(
  {
    SHOPIFY_API_KEY,
    SHOPIFY_SANDBOX_URL,
  }: { SHOPIFY_API_KEY: string; SHOPIFY_SANDBOX_URL?: string | undefined },
  domain: string,
  path: string,
): string {
  const store = domain.replace(/\.myshopify\.com$/, "");
  return SHOPIFY_SANDBOX_URL === undefined
    ? `https://admin.shopify.com/store/${store}/apps/${SHOPIFY_API_KEY}/app${path}`
    : `${SHOPIFY_SANDBOX_URL}/store/${store}/apps/pinrelay${path}`;
}
