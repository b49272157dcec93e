/** Limits how often each of many callers may do something. */
export interface TokenBuckets {
  /** Takes a token of `key`. Returns 0, or the seconds until the next one where there is none. */
  take(key: string, nowMs: number): number;
  /** The number of callers that are remembered. */
  size(): number;
}

export interface BucketLimits {
  perSecond: number;
  /** The most that may come at once. */
  burst: number;
  /**
   * The number of callers that are remembered; those that came longest ago are forgotten. A caller
   * who is forgotten has a full bucket again, so it must take longer to fill the memory than to
   * fill a bucket.
   */
  maxKeys: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

export function createTokenBuckets({ perSecond, burst, maxKeys }: BucketLimits): TokenBuckets {
  // A map keeps the order in which keys were set: the first came longest ago.
  const buckets = new Map<string, Bucket>();

  function forgetOldest(): void {
    const [oldest] = buckets.keys();
    if (oldest !== undefined) buckets.delete(oldest);
  }

  return {
    size: () => buckets.size,
    take(key, nowMs) {
      const bucket = buckets.get(key) ?? { tokens: burst, atMs: nowMs };
      // A clock that was set back must not take tokens away.
      const passedMs = Math.max(0, nowMs - bucket.atMs);
      bucket.tokens = Math.min(burst, bucket.tokens + (passedMs * perSecond) / 1_000);
      bucket.atMs = nowMs;
      buckets.delete(key);
      buckets.set(key, bucket);
      if (buckets.size > maxKeys) forgetOldest();
      if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perSecond);
      bucket.tokens -= 1;
      return 0;
    },
  };
}
