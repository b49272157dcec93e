import type { SendDocument } from "#app/tasks/task-document.server.ts";

/** Bytes of a result document's JSON with its events, within a few of each row. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

/**
 * The document as it is answered, stored and posted. A default of all events stands in each of
 * them, so that a small request may unfold to a large answer: then the rows leave out their event,
 * and a demo shows the first request alone.
 */
export function boundDocument(document: SendDocument, eventBytes: number): SendDocument {
  const { results, requests } = document;
  const rows = results.map(({ event: _, ...result }) => result);
  // A demo shows each event in its row and in its request.
  const shown = requests === undefined ? eventBytes : 2 * eventBytes;
  const bytes = rows.reduce((sum, row) => sum + JSON.stringify(row).length, shown);
  if (bytes <= MAX_DOCUMENT_BYTES) return document;
  return {
    ...document,
    results: rows,
    events_omitted: true,
    ...(requests !== undefined && { requests: requests.slice(0, 1) }),
  };
}
