import { type EventView, readEventView } from "#app/admin/event/read-event-view.server.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";

const USER = "42";

/** What the screen of an event shows to one of the shop's staff; fails where there is none. */
export async function viewEvent(
  services: { db: Database; keyring: Keyring },
  shop: { id: bigint },
  eventId: string,
  options: { isRevealed?: boolean } = {},
): Promise<EventView> {
  const format = createFormatter({ locale: "en-US", timeZone: "UTC", now: new Date() });
  const config = { PINTEREST_API_URL: "https://api.pinterest.com/v5" };
  const reader = { shop, userId: USER, format };
  const name = { eventId, kind: null };
  const view = await readEventView({ ...services, config }, reader, name, options);
  if (view === null) throw new RangeError(`the shop has no event ${eventId}`);
  return view;
}

/** The timeline as text, without its times. */
export function toldBy({ timeline }: EventView): string[] {
  return timeline.flatMap(({ text, lines }) => [text, ...lines]);
}

/** The actions by name: null can be done, else why not. */
export function barsOf({ actions }: EventView): Record<string, string | null> {
  return Object.fromEntries(actions.map(({ name, bar }) => [name, bar]));
}
