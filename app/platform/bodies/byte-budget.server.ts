/** Limits the bytes that the bodies of all requests may hold together. */
export interface ByteBudget {
  /** Begins the share of one request, with no bytes. */
  open(): ByteShare;
  /** Bytes held now. */
  held(): number;
}

export interface ByteShare {
  /** Adds so many bytes; false, and nothing is added, where the budget does not have them. */
  take(bytes: number): boolean;
  /** Releases all of it. Harmless when repeated; bytes that are added afterwards count again. */
  release(): void;
}

const MAX_BYTES_IN_HAND = 64 * 1024 * 1024;

/** A larger share is a large one. Orders of a few dozen lines stay below. */
const LARGE_SHARE = 256 * 1024;
/**
 * The part of the budget that large shares leave to the others: otherwise eight slow senders would
 * hold all of it.
 */
const LEFT_TO_SMALL = 1 / 4;

export function createByteBudget(maxBytes = MAX_BYTES_IN_HAND): ByteBudget {
  const openToLarge = maxBytes * (1 - LEFT_TO_SMALL);
  let held = 0;
  return {
    held: () => held,
    open() {
      let own = 0;
      return {
        take(bytes) {
          const limit = own + bytes > LARGE_SHARE ? openToLarge : maxBytes;
          if (held + bytes > limit) return false;
          own += bytes;
          held += bytes;
          return true;
        },
        release() {
          held -= own;
          own = 0;
        },
      };
    },
  };
}
