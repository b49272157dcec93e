import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import { digest } from "../digest.server.ts";

/** The app's own key at Shopify. */
export interface AppKey {
  /** The thumbprint of its public half by RFC 7638, as its JWK at Shopify has it. */
  id: string;
  key: KeyObject;
}

const FAULT =
  "must be an RSA private key of at least 2048 bits as PEM without a password, its lines apart by line breaks or \\n";
const LEAST_BITS = 2_048;

export const APP_KEY_VARIABLES = {
  SHOPIFY_APP_PRIVATE_KEY: z
    .string()
    .transform((pem, context) => {
      const key = parseKey(pem);
      if (key !== null) return key;
      context.addIssue(FAULT);
      return z.NEVER;
    })
    .optional(),
};

/** A host's settings often have one line for a value: its breaks are written as `\n` there. */
function parseKey(pem: string): AppKey | null {
  try {
    const key = createPrivateKey(pem.replaceAll("\\n", "\n"));
    const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
    if (key.asymmetricKeyType !== "rsa" || modulusLength < LEAST_BITS) return null;
    const { e, kty, n } = createPublicKey(key).export({ format: "jwk" });
    const thumbprint = Buffer.from(digest(JSON.stringify({ e, kty, n })), "hex");
    return { key, id: thumbprint.toString("base64url") };
  } catch {
    return null;
  }
}
