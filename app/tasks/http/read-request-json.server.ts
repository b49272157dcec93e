/** Text of a request's body, or why there is none. */
export type RequestJson =
  | { ok: true; value: unknown }
  | { ok: false; why: "too_large" | "not_json" };

/** Reads a body to its end, or to the limit; what is past that is not received. */
export async function readRequestJson(request: Request, maxBytes: number): Promise<RequestJson> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Node's streams can be iterated; the type is the browser's, whose can not.
  const body = request.body as AsyncIterable<Uint8Array> | null;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return { ok: false, why: "too_large" };
    chunks.push(chunk);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, why: "not_json" };
  }
}
