/**
 * Whether the page is likely to be shown on a phone. A table that only found out in the browser
 * would turn into cards before the reader's eyes.
 */
export function isPhone(request: Request): boolean {
  const hint = request.headers.get("Sec-CH-UA-Mobile");
  if (hint !== null) return hint === "?1";
  return /\bMobi/.test(request.headers.get("User-Agent") ?? "");
}
