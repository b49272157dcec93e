import { cleanText, dropInvisible, saysNothing } from "#app/events/clean-text.ts";
import { leftOut, type NoteText } from "#app/events/match-notes.ts";
import type { Basket } from "#app/events/store-event.ts";
import { decodeDeeply, readLanding } from "./locate-source.server.ts";

/** Base64, as Pinterest issues it; other text was not written by Pinterest. */
export const CLICK_ID = /^[\x21-\x7e]{1,1000}$/;

/**
 * Pinterest's parameter and cookie. E-mail tools change the case of names, and escape the `&`
 * before them.
 */
const NAME = /^(?:amp;)*_?epik$/i;

/** The names that themes and scripts give Pinterest's click id. */
export function isClickIdName(name: unknown): boolean {
  return typeof name === "string" && name.length <= 20 && NAME.test(dropInvisible(name).trim());
}

/** The parameter inside text that is no query of its own: a fragment, a cookie, another address. */
const PARAMETER_INSIDE = /(?:^|[?&;#\s])(?:amp;)*_?epik=([^&#;?\s]*)/gi;
/** Every click id of Pinterest's is of these characters: base64 for addresses. `_epik=` is a name without one. */
const USUAL_CLICK_ID = /^(?!_*epik=)[\w-]{1,1000}={0,2}$/i;
/** Another address, or another parameter or cookie with its name. */
const OTHER_TEXT = /:\/\/|=(?!=*$)/;

/** The raw click id; null for an invalid one: scripts without one write `undefined` in its place. */
export function readClickId(value: string | null | undefined): string | null {
  if (!value || value.length > 2_000) return null;
  const text = dropInvisible(value).trim();
  const id = USUAL_CLICK_ID.test(text) ? text : extractClickId(text);
  return CLICK_ID.test(id) && !saysNothing(id) ? id : null;
}

/**
 * Reads a click id that is escaped once more, quoted, or copied with its cookie or its address. Returns
 * an empty text if there is none.
 */
function extractClickId(text: string): string {
  const decoded = decodeDeeply(text);
  const [inside = decoded] = listInside(decoded);
  const id = inside.replace(/^["']|["']$/g, "").replace(/[?&#;,].*$/s, "");
  return OTHER_TEXT.test(id) ? "" : id;
}

function listInside(text: string): string[] {
  return [...text.matchAll(PARAMETER_INSIDE)].map(([, value = ""]) => value);
}

/** Longer than any click id: of one that is none, the first text is kept, to say so. */
const MAX_NOTE = 2_000;

/** Picks the click id among the notes of a cart: a theme may have written one, and an app another. */
export function pickNotedClickId(notes: readonly string[]): string | null {
  return notes.map(readClickId).find((id) => id !== null) ?? cleanText(notes[0], MAX_NOTE);
}

/** Finds Pinterest's click id: in the landing page's address, otherwise in the cart note of the theme. */
export function findClickId({
  landingSite,
  notedClickId,
  isReread,
}: Pick<Basket, "landingSite" | "notedClickId" | "isReread">): {
  clickId: string | null;
  note: NoteText;
} {
  const given = landingSite === null ? [] : landedClickIds(landingSite);
  const landed = given.map(readClickId).find((id) => id !== null);
  if (landed !== undefined) return { clickId: landed, note: "landing" };
  const noted = readClickId(notedClickId);
  if (noted !== null) return { clickId: noted, note: "cart" };
  if (given.some((text) => text !== "") || notedClickId) {
    return { clickId: null, note: leftOut("unusable") };
  }
  return { clickId: null, note: leftOut(isReread ? "reread" : "absent") };
}

function landedClickIds(landingSite: string): string[] {
  // Most landing pages have none, and parsing an address is slow.
  if (!/epik/i.test(landingSite)) return [];
  const parameters = readLanding(landingSite)?.searchParams ?? [];
  const own = [...parameters].flatMap(([name, value]) => (isClickIdName(name) ? [value] : []));
  // `/?utm_source=a?epik=…`, `/#epik=…` and `/account/login?return_url=%2F%3Fepik%3D…`.
  return own.length > 0 ? own : listInside(decodeDeeply(landingSite));
}
