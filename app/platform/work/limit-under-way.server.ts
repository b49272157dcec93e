/**
 * Runs work of a kind while there is room for its kind: at most `most` at the same time for each
 * key. What comes beyond is answered with `busy` at once, so that one who hangs holds few places.
 */
export function limitUnderWay(most: number) {
  const counts = new Map<string, number>();
  return async <T>(key: string, work: () => Promise<T>, busy: T): Promise<T> => {
    const count = counts.get(key) ?? 0;
    if (count >= most) return busy;
    counts.set(key, count + 1);
    try {
      return await work();
    } finally {
      const left = (counts.get(key) ?? 1) - 1;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    }
  };
}
