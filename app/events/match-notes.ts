import { MATCH_KEYS, type MatchKey } from "./match-keys.ts";

/**
 * Why each match key of an event is there or is not, as mapping found it: kept with the payload, so
 * that a screen need not guess. Names of sources and reasons alone, no value of any person:
 * `em=order+customer;ph=!incomplete:US;click_id=!absent`.
 */
export const ORIGINS = [
  /** The order, or the checkout. */
  "order",
  /** The order's contact email. */
  "contact",
  "customer",
  "billing",
  "shipping",
  /** The customer's default address. */
  "home",
  "browser",
  /** The address of the first page of the visit. */
  "landing",
  /** A note that the theme left in the cart. */
  "cart",
  /** A workflow of Shopify Flow. */
  "workflow",
  /** Given by hand. */
  "given",
] as const;

export type Origin = (typeof ORIGINS)[number];

export const LEFT_OUT_REASONS = [
  /** There was none. */
  "absent",
  /** A phone number that is no whole number of the country. */
  "incomplete",
  /** Nothing that could match is left of it. */
  "unusable",
  /** It is that of the staff, who sold at a till or by a draft order. */
  "staff",
  /** The order was made by another app or channel, whose browser is no shopper's. */
  "elsewhere",
  /** Shopify's notice of this kind does not carry it. */
  "untold",
  /** The order was read again from Shopify, which does not tell it then. */
  "reread",
] as const;

export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

export interface LeftOutNote {
  key: MatchKey;
  leftOut: LeftOutReason;
  /** Two capital letters, the country by whose rules the value was read. */
  country: string | null;
}

export type KeyNote = { key: MatchKey; origins: Origin[] } | LeftOutNote;

/** What a key's note says after the `=`. Made by `withOrigin` and `leftOut`. */
export type NoteText = string;

/** The note with one more origin, which it names once. */
export function withOrigin(note: NoteText, origin: Origin): NoteText {
  if (note === "") return origin;
  return note.split("+").includes(origin) ? note : `${note}+${origin}`;
}

export function leftOut(reason: LeftOutReason, country: string | null = null): NoteText {
  return country === null ? `!${reason}` : `!${reason}:${country}`;
}

/** The notes with that of one key more. Intake makes thousands a second: text, and nothing else. */
export function addNote(notes: string, key: MatchKey, note: NoteText): string {
  return notes === "" ? `${key}=${note}` : `${notes};${key}=${note}`;
}

const CUT_LINES = "contents=cut";

/** The notes of an event in which not all lines of its basket have room. */
export function noteCutLines(notes: string): string {
  return `${notes};${CUT_LINES}`;
}

export function hasCutLines(notes: string): boolean {
  return notes.split(";").includes(CUT_LINES);
}

export function formatNotes(notes: readonly KeyNote[]): string {
  return notes.reduce((text, note) => {
    const said = "origins" in note ? note.origins.join("+") : leftOut(note.leftOut, note.country);
    return addNote(text, note.key, said);
  }, "");
}

/** Reads what `formatNotes` wrote; what another version wrote and this one does not know is left out. */
export function parseNotes(text: string): KeyNote[] {
  return text.split(";").flatMap((part): KeyNote[] => {
    const [, key, reason, country, origins] =
      /^(\w+)=(?:!(\w+)(?::([A-Z]{2}))?|([\w+]+))$/.exec(part) ?? [];
    if (!isOneOf(MATCH_KEYS, key)) return [];
    if (isOneOf(LEFT_OUT_REASONS, reason)) {
      return [{ key, leftOut: reason, country: country ?? null }];
    }
    const known = (origins ?? "").split("+").filter((origin) => isOneOf(ORIGINS, origin));
    return known.length === 0 ? [] : [{ key, origins: known }];
  });
}

function isOneOf<Word extends string>(words: readonly Word[], given: unknown): given is Word {
  return words.includes(given as Word);
}
