import type { ActionSource, Content } from "./conversion-event.ts";

/**
 * One event as somebody gives it by hand, read and checked, in our words. Personal data is still
 * readable here, so a given event lives in memory only.
 */
export interface GivenEvent {
  /** As it is sent: a standard name, or one of the advertiser's own. */
  name: string;
  actionSource: ActionSource;
  /** Unix seconds; null: now. */
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
  /** Null: not said. */
  optOut: boolean | null;
  optOutType: "LDP" | null;
}

export interface GivenPerson {
  /** The values are SHA-256 in lower-case hexadecimal already, and are sent as they are. */
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
  /** Two letters. */
  countries: string[];
}
