/** Where a row stands in the list. */
export interface EventPosition {
  /** Unix seconds. */
  eventTime: bigint;
  id: bigint;
}

/** Which page: the one after the position, or the one before it. */
export interface PageCursor extends EventPosition {
  to: "next" | "previous";
  /** Rows before the page, as far as its reader has counted them. */
  offset: number;
}

const CURSOR = /^(next|previous)\.(\d{1,12})\.(\d{1,18})\.(\d{1,9})$/;

/** Null for the first page, and for what is no cursor. */
export function parseCursor(text: string | null): PageCursor | null {
  const [, to, eventTime, id, offset] = CURSOR.exec(text ?? "") ?? [];
  if (eventTime === undefined || id === undefined) return null;
  return {
    to: to === "previous" ? "previous" : "next",
    eventTime: BigInt(eventTime),
    id: BigInt(id),
    offset: Number(offset),
  };
}

export function toCursorText({ to, eventTime, id, offset }: PageCursor): string {
  return `${to}.${eventTime}.${id}.${offset}`;
}
