import { findRegion } from "#app/events/country.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { dynamicSetting, type ShopSettings } from "#app/events/shop-settings.ts";
import type { Basket } from "#app/events/store-event.ts";
import { type BrowserConsent, NO_EVIDENCE, type Visit } from "#app/events/visit.ts";
import type { EventBody } from "./check-event.server.ts";

interface ConsentDecision {
  /** Null when the event may be sent. */
  refusal: SkipReason | null;
  /** The decision and what it came from, a setting or the shopper's browser; kept with the event. */
  record: string;
}

/**
 * Decides whether a shopper's data may be used. What the shopper chose in the browser counts in
 * every country. No webhook states consent to advertising (`buyer_accepts_marketing` is about
 * e-mail), so without a word of the browser (`consent` null, or without an answer) the rule of the
 * shopper's region decides: where consent is required, silence is not consent.
 */
export function decideConsent(
  settings: ShopSettings,
  countryCode: string | null,
  consent: BrowserConsent | null,
): ConsentDecision {
  const choice = consent && readBrowserChoice(consent);
  if (choice !== null) return choice;
  const key = findConsentKey(settings, countryCode);
  return dynamicSetting(settings, key) === "require"
    ? { refusal: "consent_unknown", record: `unknown:${key}` }
    : { refusal: null, record: `allowed:${key}` };
}

/** The shopper's own decision; null: the browser told none. */
export function readBrowserChoice({ marketingAllowed }: BrowserConsent): ConsentDecision | null {
  if (marketingAllowed === null) return null;
  return marketingAllowed ? ALLOWED_BY_BROWSER : REFUSED_BY_BROWSER;
}

/**
 * Whether an attribute of the cart says that its shopper refuses marketing. The theme's script notes
 * it, since Shopify loads no pixel for such a shopper, and empties it once they allow marketing.
 */
export function isRefusalNote(name: unknown, value: unknown): boolean {
  return name === "_pinrelay_consent" && value === "refused";
}

/**
 * Returns the visit as it is after the refusal that the cart notes, if it notes one. The note is the
 * newer word: whoever allows marketing on a page of the theme empties it.
 */
export function withNotedRefusal(
  visit: Visit | null,
  { isRefusalNoted }: Pick<Basket, "isRefusalNoted">,
): Visit | null {
  if (!isRefusalNoted) return visit;
  const { startedEventId = null, completedEventId = null } = visit ?? {};
  const consent = { marketingAllowed: false, saleOfDataAllowed: null };
  return { startedEventId, completedEventId, consent, evidence: NO_EVIDENCE };
}

/** Whether Pinterest is told to limit its use of what is sent: the shopper opted out of its sale. */
export function isUseLimited({ saleOfDataAllowed }: BrowserConsent): boolean {
  return saleOfDataAllowed === false;
}

const ALLOWED_BY_BROWSER: ConsentDecision = { refusal: null, record: "allowed:browser" };
const REFUSED_BY_BROWSER: ConsentDecision = {
  refusal: "consent_refused",
  record: "refused:browser",
};

/** The name of the setting that applies in a country; null when the shopper's country is unknown. */
export function findConsentKey(settings: ShopSettings, countryCode: string | null): string {
  if (countryCode === null) return "consent.default";
  const own = `consent.${countryCode}`;
  if (dynamicSetting(settings, own) !== undefined) return own;
  return `consent.${findRegion(countryCode) ?? "default"}`;
}

/** The opt-out names no state and country: Pinterest finds them among the hashed match keys. */
export function limitUse<Body extends Pick<EventBody, "custom_data">>(body: Body): Body {
  return { ...body, custom_data: { ...body.custom_data, opt_out_type: "LDP" } };
}

/** The event of a shopper who opted out of the sale of their data. */
export function withoutSale(mapped: MappedEvent): MappedEvent {
  if (mapped.outcome.kind === "skip") return mapped;
  return { ...mapped, outcome: { kind: "send", event: limitUse(mapped.outcome.event) } };
}
