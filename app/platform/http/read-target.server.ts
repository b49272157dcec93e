/** The target of a request, parsed once for limits, routing and pages. */
export interface Target {
  /** The path in its one spelling, still percent-encoded. */
  path: string;
  /** The query with its `?`, or empty; free of control characters. */
  search: string;
}

const BASE = "http://target.invalid";
/** Letters, digits and `-._~` need no escape: with one, a path would have two spellings. */
const NEEDLESS_ESCAPE = /%(?:2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/i;
const ESCAPED_CONTROL = /%(?:[01][0-9a-f]|7f|c2%[89][0-9a-f])/i;

/** The common form: no part of it could have another spelling. */
const PLAIN_PATH = /^(?:\/[\w-]+)+$/;

/**
 * Null for a target that is not in the one accepted form: another form than `/path?search`, dot
 * segments, back or double slashes, needless or broken escapes, control characters. If a check and
 * the router spelt a path differently, such a path could pass the check.
 */
export function readTarget(given: string | undefined): Target | null {
  const [path = "", ...rest] = (given ?? "").split("?");
  if (rest.length === 0 && PLAIN_PATH.test(path)) return { path, search: "" };
  if (!path.startsWith("/") || path.includes("//") || NEEDLESS_ESCAPE.test(path)) return null;
  if (!URL.canParse(path, BASE) || new URL(path, BASE).pathname !== path) return null;
  const plain = decode(path);
  if (plain === null || /\p{Cc}/u.test(plain)) return null;
  return { path, search: rest.length === 0 ? "" : cleanSearch(`?${rest.join("?")}`) };
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** A page filters by this value, and the database rejects NUL. */
function cleanSearch(search: string): string {
  if (!ESCAPED_CONTROL.test(search)) return search;
  const clean = (text: string) => text.replace(/\p{Cc}+/gu, "");
  const pairs = [...new URLSearchParams(search)].map(([name, value]) => [
    clean(name),
    clean(value),
  ]);
  return `?${new URLSearchParams(pairs)}`;
}
