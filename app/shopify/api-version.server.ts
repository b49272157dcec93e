/** Version of Shopify's Admin API and of the webhooks; shopify.app.toml names the same one. */
export const SHOPIFY_API_VERSION = "2026-10";
