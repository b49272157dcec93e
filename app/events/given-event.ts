import type { ActionSource, Content } from "./conversion-event.ts";

/**
 * One event given by hand, read and checked, in our words. Personal data is still readable here, so
 * a given event lives in memory only.
 */
export interface GivenEvent {
  /** The name that is sent: a standard name, or one of the advertiser's own. */
  name: string;
  actionSource: ActionSource;
  /** Unix seconds; null means now. */
  occurredAtSeconds: number | null;
  sourceUrl: string | null;
  /** Decimal string in major units of `currency`. */
  value: string | null;
  currency: string;
  orderId: string | null;
  itemCount: number;
  contents: Content[];
  person: GivenPerson;
  clientIpAddress: string | null;
  clientUserAgent: string | null;
  clickId: string | null;
  /** Null when not given. */
  optOut: boolean | null;
  optOutType: "LDP" | null;
}

export interface GivenPerson {
  /** The values are SHA-256 in lower-case hexadecimal already, and are sent unchanged. */
  isHashed: boolean;
  emails: string[];
  phones: string[];
  externalIds: string[];
  firstNames: string[];
  lastNames: string[];
  genders: string[];
  datesOfBirth: string[];
  cities: string[];
  states: string[];
  zips: string[];
  /** A country code of two letters. */
  countries: string[];
}
