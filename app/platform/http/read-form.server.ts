import type { ByteShare } from "#app/platform/bodies/byte-budget.server.ts";
import { limitBody, statusOfUnread } from "./limit-body.server.ts";

/**
 * Reads a form, and removes the characters that the database rejects. Throws a Response: 413 past
 * the limit, 400 for an invalid form, 503 where there is no room for it now.
 */
export async function readForm(
  { body, headers }: Request,
  maxBytes: number,
  share: ByteShare,
): Promise<FormData> {
  if (body === null) return new FormData();
  const limited = new Response(limitBody(body, maxBytes, share.take), {
    headers: { "Content-Type": headers.get("Content-Type") ?? "" },
  });
  const form = await limited.formData().catch((error: unknown) => {
    throw Response.json(null, { status: statusOfUnread(error) });
  });
  const clean = new FormData();
  for (const [name, value] of form) {
    if (typeof value === "string") clean.append(cleanField(name), cleanField(value));
    else clean.append(cleanField(name), value);
  }
  return clean;
}

/** Line breaks and tabs stay: a field may have several lines. */
function cleanField(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]+/gu, "").toWellFormed();
}
