import { createHmac, timingSafeEqual } from "node:crypto";

/** Base64 of 32 bytes, as Shopify writes it: one text for one digest. */
const SIGNATURE = /^[A-Za-z0-9+/]{43}=$/;

export interface SignatureCheck {
  /** Adds the next bytes of the body. */
  update(piece: Uint8Array): void;
  /** The place of the secret that signed the bytes added; -1: none did. Call it once, at the end. */
  findSecret(): number;
}

/**
 * Checks `X-Shopify-Hmac-Sha256`, base64 of HMAC-SHA-256, while a body is read; null for text that
 * cannot be a signature of any body. While a secret is rotated, Shopify may sign with the old one
 * for an hour, so either may match (shopify.dev, "Verify deliveries"). It compares the texts in
 * constant time: different base64 of the same bytes is not what Shopify sent.
 */
export function checkSignature(
  signature: string | undefined,
  secrets: readonly string[],
): SignatureCheck | null {
  if (signature === undefined || !SIGNATURE.test(signature)) return null;
  const given = Buffer.from(signature, "latin1");
  const hashes = secrets.map((secret) => createHmac("sha256", secret));
  return {
    update(piece) {
      for (const hash of hashes) hash.update(piece);
    },
    findSecret() {
      let found = -1;
      for (const [place, hash] of hashes.entries()) {
        const fits = timingSafeEqual(Buffer.from(hash.digest("base64"), "latin1"), given);
        if (fits && found === -1) found = place;
      }
      return found;
    },
  };
}
