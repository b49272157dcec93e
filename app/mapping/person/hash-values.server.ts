import { hash } from "node:crypto";
import type { UserData } from "#app/events/conversion-event.ts";
import {
  addNote,
  type LeftOutReason,
  leftOut,
  type NoteText,
  type Origin,
  withOrigin,
} from "#app/events/event-detail/event-notes.ts";

export type Values = readonly (string | null | undefined)[];
/** `country`: the one by whose rules the value is read. */
type Normaliser = (value: string, country: string | null) => string | null;
type HashedKey = Exclude<
  keyof UserData,
  "click_id" | "client_ip_address" | "client_user_agent" | "partner_id"
>;

/** The digests of one key, empty where it is left out, and its note. */
export interface HashedValues {
  digests: string[];
  note: NoteText;
}

interface Source {
  /** Whose word each value is, by place; one for all. */
  origins: readonly Origin[] | Origin;
  normalise: Normaliser;
  /** By place; two capital letters. */
  countryAt?: (place: number) => string | null;
  /** What is said where no value was usable. */
  reason?: LeftOutReason;
}

const nowhere = () => null;

/**
 * One digest for each different value, in the given order; what is nothing after normalising is
 * left out.
 */
export function hashValues(
  values: Values,
  { origins, normalise, countryAt = nowhere, reason = "unusable" }: Source,
): HashedValues {
  const kept: string[] = [];
  let note: NoteText = "";
  let spoilt = -1;
  for (let place = 0; place < values.length; place += 1) {
    const value = values[place];
    if (!value || isRepeated(values, countryAt, place)) continue;
    const normal = normalise(value, countryAt(place));
    if (!normal) spoilt = place;
    else if (!kept.includes(normal)) {
      kept.push(normal);
      note = withOrigin(note, typeof origins === "string" ? origins : (origins[place] as Origin));
    }
  }
  if (kept.length > 0) return { digests: kept.map((text) => hash("sha256", text, "hex")), note };
  return {
    digests: [],
    note: spoilt === -1 ? leftOut("absent") : leftOut(reason, countryAt(spoilt)),
  };
}

/** Billing and shipping are mostly the same, and reading a phone number takes its time. */
function isRepeated(values: Values, countryAt: (place: number) => string | null, place: number) {
  const first = values.indexOf(values[place]);
  return first < place && countryAt(first) === countryAt(place);
}

/** For what is hashed as it comes. */
export const asItIs = (value: string): string => value;

/** Match keys, and the notes on all that were looked for. */
export interface BuiltUserData {
  userData: UserData;
  notes: string;
}

/** Pinterest refuses an empty list, so a key without values is left out. */
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
