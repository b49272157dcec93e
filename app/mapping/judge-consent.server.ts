import type { SkipReason } from "#app/events/event-state.ts";
import { regionOf } from "#app/events/region.ts";
import { openSetting, type ShopSettings } from "#app/events/shop-settings.ts";

interface ConsentJudgement {
  /** Null when the event may be sent. */
  refusal: SkipReason | null;
  /** The decision and the setting it came from, kept with the event. */
  record: string;
}

/**
 * No webhook states consent to advertising (`buyer_accepts_marketing` is about e-mail), so the rule
 * of the shopper's region decides: where consent is required, silence is not consent.
 */
export function judgeConsent(settings: ShopSettings, countryCode: string | null): ConsentJudgement {
  const key = consentKeyOf(settings, countryCode);
  return openSetting(settings, key) === "require"
    ? { refusal: "consent_unknown", record: `unknown:${key}` }
    : { refusal: null, record: `allowed:${key}` };
}

/** The name of the setting that applies in a country; null when the shopper's country is unknown. */
export function consentKeyOf(settings: ShopSettings, countryCode: string | null): string {
  if (countryCode === null) return "consent.default";
  const own = `consent.${countryCode}`;
  if (openSetting(settings, own) !== undefined) return own;
  return `consent.${regionOf(countryCode) ?? "default"}`;
}
