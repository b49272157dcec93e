import { MATCH_KEYS, type MatchKey } from "./match-keys.ts";

/**
 * Why each match key of an event is present or missing, as mapping found it. It is kept with the
 * payload, so that a screen need not guess. It holds names of sources and reasons only, no value of
 * any person: `em=order+customer;ph=!incomplete:US;click_id=!absent`.
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
  /** The value was given by hand. */
  "given",
] as const;

export type Origin = (typeof ORIGINS)[number];

export const LEFT_OUT_REASONS = [
  /** The store had no value. */
  "absent",
  /** The phone number is incomplete for its country. */
  "incomplete",
  /** Nothing that could match is left after cleaning. */
  "unusable",
  /** The value belongs to the staff, who sold at a till or by a draft order. */
  "staff",
  /** The order was made by another app or channel, so the browser is not a shopper's. */
  "elsewhere",
  /** Shopify's webhook of this kind does not carry the value. */
  "untold",
  /** The order was read again from Shopify, which does not give the value then. */
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

/** What a key's note says after the `=`. `withOrigin` and `leftOut` make it. */
export type NoteText = string;

/** Adds an origin to the note, unless the note names it already. */
export function withOrigin(note: NoteText, origin: Origin): NoteText {
  if (note === "") return origin;
  return note.split("+").includes(origin) ? note : `${note}+${origin}`;
}

export function leftOut(reason: LeftOutReason, country: string | null = null): NoteText {
  return country === null ? `!${reason}` : `!${reason}:${country}`;
}

/** Adds one key to the notes. Intake does this thousands of times a second, so the notes are plain text. */
export function addNote(notes: string, key: MatchKey, note: NoteText): string {
  return notes === "" ? `${key}=${note}` : `${notes};${key}=${note}`;
}

/** What the notes say of a key; undefined: it was not looked for. */
export function readNote(notes: string, key: MatchKey): NoteText | undefined {
  const part = notes.split(";").find((entry) => entry.startsWith(`${key}=`));
  return part?.slice(key.length + 1);
}

/** Adds a key to the notes, in place of what they say of it. */
export function setNote(notes: string, key: MatchKey, note: NoteText): string {
  if (readNote(notes, key) === undefined) return addNote(notes, key, note);
  const parts = notes.split(";");
  return parts.map((part) => (part.startsWith(`${key}=`) ? `${key}=${note}` : part)).join(";");
}

export function isLeftOut(note: NoteText): boolean {
  return note.startsWith("!");
}

const CUT_LINES = "contents=cut";

/** The notes of an event from which some lines of the basket were dropped for size. */
export function addCutLines(notes: string): string {
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

/**
 * Reads what `formatNotes` wrote; entries that another version wrote and this one does not know are
 * dropped.
 */
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
