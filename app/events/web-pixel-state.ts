/**
 * Why a store's pixel is not as it should be. `denied`: a permission is missing; `no_extension`: the
 * operator has not deployed it; `rejected`: Shopify refuses its settings; `silent`: Shopify did not
 * answer; `disconnected`: somebody took it off in Shopify's own settings.
 */
const FAULTS = ["denied", "no_extension", "rejected", "silent", "disconnected"] as const;
export type WebPixelFault = (typeof FAULTS)[number];

/** Null: none, or one that another version of the app wrote. */
export function readWebPixelFault(stored: string | null): WebPixelFault | null {
  return FAULTS.find((fault) => fault === stored) ?? null;
}
