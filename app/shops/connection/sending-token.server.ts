import { conversionTokenIdentity, tokenIdentity } from "#app/events/connection-identity.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";

export interface SealedTokens {
  token: Buffer;
  conversion_token: Buffer | null;
}

/**
 * The token that events are sent with: the conversion token, which Pinterest limits least, where
 * there is one; else the sign-in's or the pasted one.
 *
 * @throws KeyringError
 */
export function openSendingToken(keyring: Keyring, domain: string, sealed: SealedTokens): string {
  return sealed.conversion_token === null
    ? openToken(keyring, domain, sealed)
    : keyring.decrypt(sealed.conversion_token, conversionTokenIdentity(domain)).toString("utf8");
}

/**
 * The token for everything but events: a conversion token reads no tags and no accounts.
 *
 * @throws KeyringError
 */
export function openToken(
  keyring: Keyring,
  domain: string,
  { token }: Pick<SealedTokens, "token">,
): string {
  return keyring.decrypt(token, tokenIdentity(domain)).toString("utf8");
}
