import { dropInvisible, saysNothing } from "#app/events/clean-text.ts";
import { leftOut, type NoteText } from "#app/events/match-notes.ts";
import type { Basket } from "#app/events/store-event.ts";
import { readLanding } from "./locate-source.server.ts";

/** Base64 of what Pinterest hands out; anything else was not written by Pinterest. */
export const CLICK_ID = /^[\x21-\x7e]{1,1000}$/;

/** Pinterest's parameter and cookie. Mailers change the case of names, and escape the `&` before them. */
const NAME = /^(?:amp;)*_?epik$/i;

/** What themes and scripts call Pinterest's click id. */
export function isClickIdName(name: unknown): boolean {
  return typeof name === "string" && name.length <= 20 && NAME.test(dropInvisible(name).trim());
}

/** The click id, raw; null for what is none: a script without one writes `undefined` in its place. */
export function readClickId(value: string | null | undefined): string | null {
  if (!value || value.length > 2_000) return null;
  const text = dropInvisible(value).trim();
  return CLICK_ID.test(text) && !saysNothing(text) ? text : null;
}

/** Pinterest's click id: from the landing page's address, else as the theme noted it in the cart. */
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
  // Most landings have none, and taking an address apart takes its time.
  if (!/epik/i.test(landingSite)) return [];
  const parameters = readLanding(landingSite)?.searchParams ?? [];
  return [...parameters].flatMap(([name, value]) => (isClickIdName(name) ? [value] : []));
}
