import type { ServerResponse } from "node:http";

/** Two years: a browser that was here once only uses https, here and at every name below. */
const HSTS = "max-age=63072000; includeSubDomains";

/** An answer that is no page and that somebody opens as one: it loads, runs and frames nothing. */
const NO_PAGE =
  "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/** The headers of every response, whichever code makes it, and whatever its status. */
export function baseHeaders(appUrl: string): Record<string, string> {
  return {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    // An address may hold a session token: other sites see only the origin.
    "Referrer-Policy": "strict-origin",
    "Content-Security-Policy": NO_PAGE,
    "Cross-Origin-Resource-Policy": "same-origin",
    ...(appUrl.startsWith("https:") && { "Strict-Transport-Security": HSTS }),
  };
}

/**
 * Sets them before anything else is decided, so that no branch can miss them. A page or a file
 * overrides them where it needs to.
 */
export function setBaseHeaders(response: ServerResponse, appUrl: string): void {
  if (ready?.appUrl !== appUrl) {
    ready = { appUrl, headers: new Map(Object.entries(baseHeaders(appUrl))) };
  }
  response.setHeaders(ready.headers);
}

/** The headers for a process that has only one address. */
let ready: { appUrl: string; headers: Map<string, string> } | undefined;
