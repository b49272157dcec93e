/**
 * Limits work by key: at most `most` run at the same time for each key. Work beyond that gets
 * `busy` at once, so that a slow one occupies few places.
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
