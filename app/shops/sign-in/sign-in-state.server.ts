import { z } from "zod";
import { digest } from "#app/platform/digest.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";

/** How long a sign-in that was begun may take, as long as Pinterest's code lives. */
export const SIGN_IN_MINUTES = 10;

const STATE_IDENTITY = "pinterest_sign_in.state";
const GRANT_IDENTITY = "pinterest_sign_in.grant";

const state = z.object({
  shop: z.string(),
  nonce: z.string(),
  /** Unix milliseconds. */
  expiresAt: z.number(),
});
export type SignInState = z.infer<typeof state>;

const grant = z.object({
  shop: z.string(),
  /** Who began it: nobody else may finish it. */
  actor: z.string(),
  code: z.string(),
  expiresAt: z.number(),
});
export type SignInGrant = z.infer<typeof grant>;

/** What goes to Pinterest and comes back: only we can make it, and nobody can change it. */
export function sealState(keyring: Keyring, given: SignInState): string {
  return seal(keyring, STATE_IDENTITY, given);
}

/** Null for whatever we did not make. */
export function openState(keyring: Keyring, text: string): SignInState | null {
  return open(keyring, STATE_IDENTITY, state, text);
}

/** Pinterest's code on its way through the merchant's browser into the Shopify admin. */
export function sealGrant(keyring: Keyring, given: SignInGrant): string {
  return seal(keyring, GRANT_IDENTITY, given);
}

/** Null for whatever we did not make. */
export function openGrant(keyring: Keyring, text: string): SignInGrant | null {
  return open(keyring, GRANT_IDENTITY, grant, text);
}

/** As it is stored: whoever reads the database can finish nobody's sign-in. */
export function hashNonce(nonce: string): string {
  return digest(nonce);
}

function seal(keyring: Keyring, identity: string, given: object): string {
  return keyring.encrypt(JSON.stringify(given), identity).toString("base64url");
}

function open<T>(keyring: Keyring, identity: string, schema: z.ZodType<T>, text: string): T | null {
  try {
    const sealed = Buffer.from(text, "base64url");
    return schema.parse(JSON.parse(keyring.decrypt(sealed, identity).toString("utf8")));
  } catch {
    return null;
  }
}
