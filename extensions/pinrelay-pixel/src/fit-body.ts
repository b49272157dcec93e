import type { CutEvent } from "./cut-event.ts";

/** The app refuses bodies over 32 KiB; browsers keep at most 64 KiB of requests past a page's end. */
const MAX_BYTES = 30_000;

/** The object of an event's data that has lines, and under which key. */
const LISTS = [
  ["checkout", "lineItems"],
  ["collection", "productVariants"],
  ["searchResult", "productVariants"],
] as const;

/**
 * Writes a body that the app takes: as long as it is too long, half of the event's lines go, the
 * last ones first, and `linesLeftOut` says how many. Null where that does not help.
 */
export function fitBody<Body extends { event: CutEvent }>(body: Body): string | null {
  const text = JSON.stringify(body);
  if (new TextEncoder().encode(text).length <= MAX_BYTES) return text;
  const event = halveLines(body.event);
  return event === null ? null : fitBody(Object.assign({}, body, { event }));
}

function halveLines(event: CutEvent): CutEvent | null {
  // biome-ignore lint/suspicious/noExplicitAny: the data of eight kinds of event, each part optional
  const data = (event.data || {}) as any;
  for (const [owner, list] of LISTS) {
    const lines = data[owner]?.[list] || [];
    if (lines.length === 0) continue;
    const kept = lines.slice(0, lines.length >> 1);
    const linesLeftOut = (data.linesLeftOut || 0) + lines.length - kept.length;
    const shorter = Object.assign({}, data[owner], { [list]: kept });
    const cut = Object.assign({}, data, { [owner]: shorter, linesLeftOut });
    return Object.assign({}, event, { data: cut });
  }
  return null;
}
