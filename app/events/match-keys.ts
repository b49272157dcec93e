import type { UserData } from "./conversion-event.ts";

/**
 * The keys that Pinterest can match a person by. The place in this list is the bit in
 * `event.key_bits`, which is stored: append, never reorder.
 */
export const MATCH_KEYS = [
  "em",
  "ph",
  "fn",
  "ln",
  "ge",
  "db",
  "ct",
  "st",
  "zp",
  "country",
  "external_id",
  "hashed_maids",
  "click_id",
  "client_ip_address",
  "client_user_agent",
  "partner_id",
] as const satisfies readonly (keyof UserData)[];

export type MatchKey = (typeof MATCH_KEYS)[number];

export function computeKeyBits(userData: UserData): number {
  return MATCH_KEYS.reduce(
    (bits, key, place) => (userData[key] === undefined ? bits : bits | (1 << place)),
    0,
  );
}

/** The bits of keys that come only from Shopify's protected customer data. */
export const CUSTOMER_BITS = keyBitsIn(["em", "ph", "fn", "ln", "ct", "zp"]);

function keyBitsIn(keys: readonly MatchKey[]): number {
  return keys.reduce((bits, key) => bits | (1 << MATCH_KEYS.indexOf(key)), 0);
}

/** Lists the keys of `event.key_bits`, in the order of the table; unknown bits are ignored. */
export function matchKeysFromBits(bits: number): MatchKey[] {
  return MATCH_KEYS.filter((_key, place) => (bits & (1 << place)) !== 0);
}

/**
 * Pinterest accepts an event only with an email, a device id, or both IP address and user agent;
 * phone, external id and click id alone are not enough (specification, ConversionEventsUserData).
 */
export function canIdentify(userData: UserData): boolean {
  const { em, hashed_maids, client_ip_address, client_user_agent } = userData;
  return (
    em !== undefined ||
    hashed_maids !== undefined ||
    (client_ip_address !== undefined && client_user_agent !== undefined)
  );
}
