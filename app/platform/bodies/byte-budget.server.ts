/** Bytes that the bodies of all requests in hand may hold together. */
export interface ByteBudget {
  /** Begins the share of one request. It holds nothing yet. */
  open(): ByteShare;
  /** Bytes held now. */
  held(): number;
}

export interface ByteShare {
  /** Adds so many bytes; false, and nothing is added, where the budget has not got them. */
  take(bytes: number): boolean;
  /** Gives all of it back. Harmless when repeated; what is taken afterwards counts again. */
  release(): void;
}

const MAX_BYTES_IN_HAND = 64 * 1024 * 1024;

/** A share past this is large. Orders of a few dozen lines stay below. */
const LARGE_SHARE = 256 * 1024;
/** The part of the budget that large shares leave to the others: eight slow senders would else hold all of it. */
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
