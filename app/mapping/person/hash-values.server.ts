import { hash } from "node:crypto";
import { cleanTyped, type Typed } from "#app/events/clean-text.ts";
import type { UserData } from "#app/events/conversion-event.ts";
import type { Country } from "#app/events/country.ts";
import {
  addNote,
  type LeftOutReason,
  leftOut,
  type NoteText,
  type Origin,
  withOrigin,
} from "#app/events/match-notes.ts";

export type Values = readonly (string | null | undefined)[];
/** `country` is the one by whose rules the value is read. */
type Normaliser = (value: Typed, country: Country | null) => string | null;
type HashedKey = Exclude<
  keyof UserData,
  "click_id" | "client_ip_address" | "client_user_agent" | "partner_id"
>;

/** The digests of one key, empty where the key is left out, and its note. */
export interface HashedValues {
  digests: string[];
  note: NoteText;
}

interface Source {
  /** The source of each value, by index; one for all. */
  origins: readonly Origin[] | Origin;
  normalise: Normaliser;
  /** Defaults to `cleanTyped`. */
  clean?: (value: string) => Typed | null;
  /** Finds the country of the value at an index. */
  countryAt?: (place: number) => Country | null;
  /** The reason noted where no value was usable. */
  reason?: LeftOutReason;
}

const noCountry = () => null;

/**
 * Returns one digest for each different value, in the given order; values that are empty after
 * cleaning and normalising are dropped.
 */
export function hashValues(values: Values, source: Source): HashedValues {
  const { normalise, clean = cleanTyped, countryAt = noCountry, reason = "unusable" } = source;
  const kept: string[] = [];
  let origins: NoteText = "";
  let lastInvalid = -1;
  // One pass without lists in between: an order has a dozen of these.
  for (const [place, value] of values.entries()) {
    if (!value || isRepeated(values, countryAt, place)) continue;
    const typed = clean(value);
    const normal = typed === null ? null : normalise(typed, countryAt(place));
    if (normal === null) lastInvalid = place;
    else if (!kept.includes(normal)) {
      kept.push(normal);
      origins = withOrigin(origins, originAt(source, place));
    }
  }
  const missing = () =>
    lastInvalid === -1 ? leftOut("absent") : leftOut(reason, countryAt(lastInvalid));
  return {
    digests: kept.map((text) => hash("sha256", text, "hex")),
    note: kept.length > 0 ? origins : missing(),
  };
}

function originAt({ origins }: Source, place: number): Origin {
  return typeof origins === "string" ? origins : (origins[place] as Origin);
}

/** Billing and shipping are mostly the same, and parsing a phone number is slow. */
function isRepeated(values: Values, countryAt: (place: number) => Country | null, place: number) {
  const first = values.indexOf(values[place]);
  return first < place && countryAt(first) === countryAt(place);
}

/** The normaliser for values that are hashed unchanged. */
export const identity = (value: Typed): string => value;

/** Match keys, and the notes on every key that was looked for. */
export interface BuiltUserData {
  userData: UserData;
  notes: string;
}

/** Pinterest rejects an empty list, so a key without values is left out. */
export function collectKeys(keys: Partial<Record<HashedKey, HashedValues>>): BuiltUserData {
  const userData: UserData = {};
  let notes = "";
  for (const [name, { digests, note }] of Object.entries(keys)) {
    const key = name as HashedKey;
    if (digests.length > 0) userData[key] = digests;
    notes = addNote(notes, key, note);
  }
  return { userData, notes };
}

const HEX_DIGITS = 32;

/** Returns 128 bits of SHA-256 as 32 hexadecimal digits. The same text must give the same digits for ever. */
export function fingerprint(text: string): string {
  return hash("sha256", text, "hex").slice(0, HEX_DIGITS);
}
