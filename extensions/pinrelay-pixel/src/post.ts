const RETRY_MS = 2_000;

/**
 * Sends a body to the app, and once more where nothing or no good answer came. Each event has a
 * request of its own: a page ends without notice, and what waits for others ends with it. Text without
 * credentials: the browser asks no permission first, and no cookie goes along. The body is written
 * anew for each try; null ends it, so that nothing is sent again after consent was withdrawn.
 */
export function post(endpoint: string, write: () => string | null, isRetry = false): void {
  const body = write();
  if (body === null) return;
  const again = () => {
    if (!isRetry) setTimeout(() => post(endpoint, write, true), RETRY_MS);
  };
  const headers = { "Content-Type": "text/plain;charset=UTF-8" };
  // A browser refuses what exceeds its 64 KiB of requests past a page's end: a retry does not ask it.
  const keepalive = !isRetry;
  void Promise.resolve()
    .then(() => fetch(endpoint, { method: "POST", headers, body, keepalive, credentials: "omit" }))
    .then(({ status }) => {
      if (status >= 500) again();
    })
    .catch(again);
}
