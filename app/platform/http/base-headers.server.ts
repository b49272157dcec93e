import type { ServerResponse } from "node:http";

/** Two years: a browser that was here once asks over https alone. */
const HSTS = "max-age=63072000";

/** What every answer says, whichever code makes it, and whatever its status. */
export function baseHeaders(appUrl: string): Record<string, string> {
  return {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    // An address may hold a session token: no other site gets more of it than the origin.
    "Referrer-Policy": "strict-origin",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ...(appUrl.startsWith("https:") && { "Strict-Transport-Security": HSTS }),
  };
}

/**
 * Set before anything else is decided, so that no branch can be without. A page or a file says
 * otherwise where it needs to.
 */
export function setBaseHeaders(response: ServerResponse, appUrl: string): void {
  if (ready?.appUrl !== appUrl) {
    ready = { appUrl, headers: new Map(Object.entries(baseHeaders(appUrl))) };
  }
  response.setHeaders(ready.headers);
}

/** Those of the one address that a process has. */
let ready: { appUrl: string; headers: Map<string, string> } | undefined;
