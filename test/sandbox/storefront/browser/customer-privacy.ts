import type { CustomerPrivacy } from "./pixel-events.ts";

/** Shopify's Customer Privacy API, as `window.Shopify.customerPrivacy` offers it. */

/** A shopper's answers; an empty one: not asked yet. */
export interface VisitorConsent {
  marketing: Answer;
  analytics: Answer;
  preferences: Answer;
  sale_of_data: Answer;
}
type Answer = "" | "yes" | "no";
type Purpose = keyof VisitorConsent;

/** What the API stands on: a cookie, and a page to tell. */
export interface ConsentPlace {
  /** `DE`, or with a region `US-CA`. */
  region: string;
  readCookie(name: string): string;
  writeCookie(text: string): void;
  tell(event: string, detail: Record<string, boolean>): void;
}

export type CustomerPrivacyApi = ReturnType<typeof createCustomerPrivacy>;

const COOKIE = "_tracking_consent";
const YEAR_SECONDS = 365 * 24 * 60 * 60;
const UNASKED: VisitorConsent = { marketing: "", analytics: "", preferences: "", sale_of_data: "" };
/** The EU, the EEA, the United Kingdom and Switzerland. */
const ASKS_FIRST =
  "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK";

export function createCustomerPrivacy(place: ConsentPlace) {
  const [country = ""] = place.region.split("-");
  const asksFirst = ASKS_FIRST.split(" ").includes(country);

  function currentVisitorConsent(): VisitorConsent {
    try {
      return { ...UNASKED, ...JSON.parse(decodeURIComponent(place.readCookie(COOKIE))) };
    } catch {
      return UNASKED;
    }
  }
  const isAllowed = (purpose: Purpose) => {
    const answer = currentVisitorConsent()[purpose];
    return asksFirst && purpose !== "sale_of_data" ? answer === "yes" : answer !== "no";
  };
  const api = {
    getRegion: () => place.region.replace("-", ""),
    currentVisitorConsent,
    marketingAllowed: () => isAllowed("marketing"),
    analyticsProcessingAllowed: () => isAllowed("analytics"),
    preferencesProcessingAllowed: () => isAllowed("preferences"),
    saleOfDataAllowed: () => isAllowed("sale_of_data"),
    saleOfDataRegion: () => country === "US",
    shouldShowBanner: () => asksFirst && currentVisitorConsent().marketing === "",
    setTrackingConsent(
      given: Partial<Record<Purpose, boolean>>,
      done: (answer?: { error: string }) => void = () => undefined,
    ): void {
      const answers = Object.entries(given).filter(([, answer]) => typeof answer === "boolean");
      const unknown = answers.find(([purpose]) => !Object.hasOwn(UNASKED, purpose));
      if (unknown !== undefined) {
        done({ error: `Unknown purpose: ${unknown[0]}` });
        return;
      }
      const said = answers.map(([purpose, answer]) => [purpose, answer ? "yes" : "no"]);
      const consent = { ...currentVisitorConsent(), ...Object.fromEntries(said) };
      const text = encodeURIComponent(JSON.stringify(consent));
      place.writeCookie(`${COOKIE}=${text}; max-age=${YEAR_SECONDS}; samesite=lax`);
      place.tell("visitorConsentCollected", {
        marketingAllowed: api.marketingAllowed(),
        analyticsAllowed: api.analyticsProcessingAllowed(),
        preferencesAllowed: api.preferencesProcessingAllowed(),
        saleOfDataAllowed: api.saleOfDataAllowed(),
      });
      done();
    },
  };
  return api;
}

/** The same answers as a pixel gets them. */
export function toPixelPrivacy(api: CustomerPrivacyApi): CustomerPrivacy {
  return {
    analyticsProcessingAllowed: api.analyticsProcessingAllowed(),
    marketingAllowed: api.marketingAllowed(),
    preferencesProcessingAllowed: api.preferencesProcessingAllowed(),
    saleOfDataAllowed: api.saleOfDataAllowed(),
  };
}
