import { isTooLarge } from "#app/platform/http/limit-body.server.ts";

/** Text of a request's body, or why there is none. */
export type RequestJson =
  | { ok: true; value: unknown }
  | { ok: false; why: "too_large" | "not_json" };

/** Reads a body whose route limits it. */
export async function readRequestJson(request: Request): Promise<RequestJson> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await request.arrayBuffer());
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, why: isTooLarge(error) ? "too_large" : "not_json" };
  }
}
