/** Tells whether a JWT has all claims that the library reads without a check. */
export function isWholeToken(token: string): boolean {
  const { iss, dest, sub, exp } = decodePayload(token);
  const shop = parseHost(dest);
  const isOfOne = shop !== null && parseHost(iss) === shop;
  return isOfOne && typeof sub === "string" && sub !== "" && typeof exp === "number";
}

/** Shopify writes addresses of a few dozen characters. */
const LONGEST_ADDRESS = 300;

function parseHost(given: unknown): string | null {
  if (typeof given !== "string" || given.length > LONGEST_ADDRESS) return null;
  return given.startsWith("https://") && URL.canParse(given) ? new URL(given).hostname : null;
}

function decodePayload(token: string): Record<string, unknown> {
  try {
    const payload: unknown = JSON.parse(
      Buffer.from(token.split(".")[1] ?? "", "base64url").toString(),
    );
    return typeof payload === "object" && payload !== null ? { ...payload } : {};
  } catch {
    return {};
  }
}

const BOUNCE_PATH = "/auth/session-token";
/** The count and time of the bounces, in the address that a bounce leads back to. */
const BOUNCES = "bounces";
const MOST_BOUNCES = 3;
/** One that was longer ago is of another visit: Shopify's admin keeps the address. */
const BOUNCED_WITHIN_MS = 60_000;

/**
 * If Shopify refuses a page's token, the library fetches a new one and sends the browser back with
 * it, without end if Shopify refuses each. After three times this throws an error instead.
 */
export function countBounce(thrown: Response, request: Request, nowMs: number): Response {
  const location = thrown.headers.get("Location") ?? "";
  if (!location.startsWith(`${BOUNCE_PATH}?`)) return thrown;
  const query = new URLSearchParams(location.slice(BOUNCE_PATH.length));
  const reload = new URL(query.get("shopify-reload") ?? "", request.url);
  const count = readBounces(new URL(request.url), nowMs) + 1;
  if (count > MOST_BOUNCES) return Response.json({ why: "token_refused" }, { status: 403 });
  reload.searchParams.set(BOUNCES, `${count}.${nowMs}`);
  query.delete(BOUNCES);
  query.set("shopify-reload", reload.href);
  const headers = new Headers(thrown.headers);
  headers.set("Location", `${BOUNCE_PATH}?${query}`);
  return new Response(null, { status: thrown.status, headers });
}

function readBounces({ searchParams }: URL, nowMs: number): number {
  const [, count, at] = /^(\d)\.(\d{1,15})$/.exec(searchParams.get(BOUNCES) ?? "") ?? [];
  return count !== undefined && Math.abs(nowMs - Number(at)) < BOUNCED_WITHIN_MS
    ? Number(count)
    : 0;
}
