/**
 * Calls `ask` at most once at a time, and keeps its result for `keptMs`: however many clients call
 * a public address, the database is asked about once a second.
 */
export function shareResult<T>(keptMs: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    if (answer !== null) return answer;
    const asked = ask();
    answer = asked;
    const forget = () => {
      setTimeout(() => {
        answer = null;
      }, keptMs).unref();
    };
    asked.then(forget, forget);
    return asked;
  };
}
