import type { ServerResponse } from "node:http";

/** Two years: a browser that was here once only uses https. */
const HSTS = "max-age=63072000";

/** The headers of every response, whichever code makes it, and whatever its status. */
export function baseHeaders(appUrl: string): Record<string, string> {
  return {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    // An address may hold a session token: other sites see only the origin.
    "Referrer-Policy": "strict-origin",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
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
