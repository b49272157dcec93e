import { type Country, readCountry } from "./country.ts";

/** Where a shopper is, as ISO 3166-2 names it. */
export interface Location {
  country: Country;
  /** The code of the state or province alone: `CA`. Null where only the country is known. */
  state: string | null;
}

const LOCATION = /^([A-Z]{2})-?([A-Z0-9]{1,3})?$/;

/** Reads Shopify's text of a place, `US`, `USCA` or `US-CA`; null where it names no country. */
export function readLocation(text: string | null | undefined): Location | null {
  if (!text || text.length > 6) return null;
  const [, code, state] = LOCATION.exec(text) ?? [];
  const country = readCountry(code);
  return country === null ? null : { country, state: state ?? null };
}
