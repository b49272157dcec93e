import { isTooLarge } from "#app/platform/http/limit-body.server.ts";

/** A request's body, or why there is none. */
export type RequestJson =
  | { ok: true; value: unknown }
  | { ok: false; why: "too_large" | "over_budget" | "not_json" };

/**
 * Reads a body whose route limits it. `take` counts each piece that is kept: false ends the reading,
 * and what comes then is not received.
 */
export async function readRequestJson(
  request: Request,
  take: (bytes: number) => boolean,
): Promise<RequestJson> {
  try {
    const bytes = await readBytes(request, take);
    if (bytes === null) return { ok: false, why: "over_budget" };
    return { ok: true, value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch (error) {
    return { ok: false, why: isTooLarge(error) ? "too_large" : "not_json" };
  }
}

async function readBytes(
  request: Request,
  take: (bytes: number) => boolean,
): Promise<Buffer | null> {
  const pieces: Uint8Array[] = [];
  // Node's streams can be iterated; the type is the browser's, whose can not.
  const body = request.body as AsyncIterable<Uint8Array> | null;
  for await (const piece of body ?? []) {
    if (!take(piece.byteLength)) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
