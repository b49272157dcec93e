/**
 * Asks the page's own thread for a cookie or for what is stored. It may refuse, in a private window
 * for one, or not answer: that is undefined, and costs no event.
 */
export function askBrowser<Answer>(
  ask: () => Promise<Answer> | false,
): Promise<Answer | false | undefined> {
  return Promise.resolve()
    .then<Answer | false>(ask)
    .catch(() => undefined);
}
