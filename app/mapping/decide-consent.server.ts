import type { SkipReason } from "#app/events/event-state.ts";
import { findRegion } from "#app/events/region.ts";
import { dynamicSetting, type ShopSettings } from "#app/events/shop-settings.ts";

interface ConsentDecision {
  /** Null when the event may be sent. */
  refusal: SkipReason | null;
  /** The decision and the setting it came from, kept with the event. */
  record: string;
}

/**
 * No webhook states consent to advertising (`buyer_accepts_marketing` is about e-mail), so the rule
 * of the shopper's region decides: where consent is required, silence is not consent.
 */
export function decideConsent(settings: ShopSettings, countryCode: string | null): ConsentDecision {
  const key = findConsentKey(settings, countryCode);
  return dynamicSetting(settings, key) === "require"
    ? { refusal: "consent_unknown", record: `unknown:${key}` }
    : { refusal: null, record: `allowed:${key}` };
}

/** The name of the setting that applies in a country; null when the shopper's country is unknown. */
export function findConsentKey(settings: ShopSettings, countryCode: string | null): string {
  if (countryCode === null) return "consent.default";
  const own = `consent.${countryCode}`;
  if (dynamicSetting(settings, own) !== undefined) return own;
  return `consent.${findRegion(countryCode) ?? "default"}`;
}
