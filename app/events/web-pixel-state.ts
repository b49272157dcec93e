/**
 * Why a store's pixel is not as it should be. `denied`: a permission is missing; `no_extension`: the
 * operator has not deployed it; `rejected`: Shopify refuses its settings; `silent`: Shopify did not
 * answer; `disconnected`: somebody took it off in Shopify's own settings.
 */
export const WEB_PIXEL_FAULTS = [
  "denied",
  "no_extension",
  "rejected",
  "silent",
  "disconnected",
] as const;
export type WebPixelFault = (typeof WEB_PIXEL_FAULTS)[number];
