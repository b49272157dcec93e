import { createHmac, timingSafeEqual } from "node:crypto";

const DIGEST_BYTES = 32;

/**
 * Whether Shopify signed these bytes: base64 of HMAC-SHA-256 in `X-Shopify-Hmac-Sha256`. While a
 * secret is rotated, Shopify may sign with the old one for an hour, so either may fit
 * (shopify.dev, "Verify deliveries"). Compares in constant time.
 */
export function isSignedByShopify(
  body: Uint8Array,
  signature: string | undefined,
  secrets: readonly string[],
): boolean {
  if (signature === undefined) return false;
  const given = Buffer.from(signature, "base64");
  if (given.length !== DIGEST_BYTES) return false;
  let fits = false;
  for (const secret of secrets) {
    const expected = createHmac("sha256", secret).update(body).digest();
    fits = timingSafeEqual(expected, given) || fits;
  }
  return fits;
}
