import type { ServerResponse } from "node:http";

/** Two years: a browser that was here once asks over https alone. */
const HSTS = "max-age=63072000";

/**
 * What every answer says, whichever code makes it, and whatever its status: set before anything else
 * is decided, so that no branch can be without. A page or a file says otherwise where it needs to.
 */
export function setBaseHeaders(response: ServerResponse, appUrl: string): void {
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Cache-Control", "no-store");
  // An address may hold a session token: no other site gets more of it than the origin.
  response.setHeader("Referrer-Policy", "strict-origin");
  response.setHeader(
    "Content-Security-Policy",
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  );
  if (appUrl.startsWith("https:")) response.setHeader("Strict-Transport-Security", HSTS);
}
