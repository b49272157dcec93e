const RETRY_MS = 2_000;
/** The app's answer where it could not store a body, or too many came. */
const TOO_MANY = 429;

/**
 * Sends a body to the app, and once more where nothing or no good answer came. Each event has a
 * request of its own: a page ends without notice, and what waits for others ends with it. Text without
 * credentials: the browser asks no permission first, and no cookie goes along. The body is written
 * anew for each try; null ends it, so that nothing is sent again after consent was withdrawn.
 */
export function post(endpoint: string, write: () => string | null, isRetry = false): void {
  const body = write();
  if (body === null) return;
  const again = (inMs: number) => {
    if (!isRetry) setTimeout(() => post(endpoint, write, true), inMs);
  };
  const type = { "Content-Type": "text/plain;charset=UTF-8" };
  // A browser refuses what exceeds its 64 KiB of requests past a page's end: a retry does not ask it.
  const keepalive = !isRetry;
  void Promise.resolve()
    .then(() =>
      fetch(endpoint, { method: "POST", headers: type, body, keepalive, credentials: "omit" }),
    )
    .then(({ status, headers }) => {
      if (status >= 500) again(RETRY_MS);
      if (status === TOO_MANY) again(Number(headers.get("Retry-After")) * 1_000 || RETRY_MS);
    })
    .catch(() => again(RETRY_MS));
}
