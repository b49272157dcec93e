/** A page that loads is busy for a second on a slow phone; one that never answers holds no event up. */
const PATIENCE_MS = 2_000;

/**
 * Asks the page's own thread for a cookie or for what is stored. It may refuse, in a private window
 * for one, or not answer: that is undefined, and costs no event.
 */
export function askBrowser<Answer>(
  ask: () => Promise<Answer> | false,
): Promise<Answer | false | undefined> {
  const impatience = new Promise<undefined>((resolve) => {
    setTimeout(resolve, PATIENCE_MS);
  });
  const answer = Promise.resolve().then<Answer | false>(ask);
  return Promise.race([answer, impatience]).catch(() => undefined);
}
