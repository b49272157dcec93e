import type { SendDocument } from "#app/tasks/task-document.server.ts";

/** Bytes of a result document's JSON with its events. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

/**
 * The document as it is answered, stored and posted. A default of all events stands in each of
 * them, so that a small request may unfold to a large answer: then the rows leave out their event,
 * and a demo shows the first request alone.
 */
export function boundDocument(document: SendDocument): SendDocument {
  const { results, requests } = document;
  if (fits([...results, ...(requests ?? [])])) return document;
  return {
    ...document,
    results: results.map(({ event: _, ...result }) => result),
    events_omitted: true,
    ...(requests !== undefined && { requests: requests.slice(0, 1) }),
  };
}

function fits(parts: readonly object[]): boolean {
  let bytes = 0;
  return parts.every((part) => {
    bytes += Buffer.byteLength(JSON.stringify(part));
    return bytes <= MAX_DOCUMENT_BYTES;
  });
}
