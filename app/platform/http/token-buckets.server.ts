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
   * The most callers that are remembered; the half that came longest ago is forgotten at once. A
   * caller who is forgotten has a full bucket again, so it must take longer to fill half the memory
   * than to fill a bucket.
   */
  maxKeys: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

export function createTokenBuckets({ perSecond, burst, maxKeys }: BucketLimits): TokenBuckets {
  // In two halves: forgetting the callers of one at once costs nothing, where the oldest key of one
  // map is behind the places of all that were deleted before it.
  let current = new Map<string, Bucket>();
  let previous = new Map<string, Bucket>();

  function remember(key: string, bucket: Bucket): void {
    current.set(key, bucket);
    if (current.size < maxKeys / 2) return;
    previous = current;
    current = new Map();
  }

  return {
    size: () => current.size + previous.size,
    take(key, nowMs) {
      const bucket = current.get(key) ?? previous.get(key) ?? { tokens: burst, atMs: nowMs };
      // A clock that was set back must not take tokens away.
      const passedMs = Math.max(0, nowMs - bucket.atMs);
      bucket.tokens = Math.min(burst, bucket.tokens + (passedMs * perSecond) / 1_000);
      bucket.atMs = nowMs;
      remember(key, bucket);
      if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perSecond);
      bucket.tokens -= 1;
      return 0;
    },
  };
}
