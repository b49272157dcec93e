/** Counts what all requests of one API key hold in this process. */
interface Load {
  requests: number;
  bytes: number;
  events: number;
}

/**
 * The limits leave room for the callers of other keys, because a call may wait for half a minute.
 */
const MOST: Load = { requests: 50, bytes: 32 * 1024 * 1024, events: 20_000 };

export interface KeyLoad {
  /** Begins a request of the key; null: it has too many under way. */
  open(apiKeyId: bigint): RequestLoad | null;
}

export interface RequestLoad {
  /** Adds to what the request has in hand; false, and nothing is added, where the key has too much. */
  add(kind: "bytes" | "events", count: number): boolean;
  /** Takes all of it off, once. */
  close(): void;
}

export function createKeyLoad(): KeyLoad {
  const loads = new Map<bigint, Load>();
  return {
    open(apiKeyId) {
      const load = loads.get(apiKeyId) ?? { requests: 0, bytes: 0, events: 0 };
      if (load.requests >= MOST.requests) return null;
      loads.set(apiKeyId, load);
      load.requests += 1;
      const own = { bytes: 0, events: 0 };
      return {
        add(kind, count) {
          if (load[kind] + count > MOST[kind]) return false;
          load[kind] += count;
          own[kind] += count;
          return true;
        },
        close() {
          load.requests -= 1;
          load.bytes -= own.bytes;
          load.events -= own.events;
          own.bytes = own.events = 0;
          if (load.requests === 0) loads.delete(apiKeyId);
        },
      };
    },
  };
}
