const SHOP_DOMAIN = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;
/** A host name has 253 characters at most. */
const MAX_LENGTH = 253;

/**
 * Tells whether the text is a shop's permanent name as Shopify writes it: lower case, no scheme, no
 * path.
 */
export function isShopDomain(text: string): boolean {
  return text.length <= MAX_LENGTH && SHOP_DOMAIN.test(text);
}
