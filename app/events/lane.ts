const LANES = 64;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Computes the lane of a shop (by its domain) or of an ad account (by its id): 0 to 63, the first
 * column of the hot keys. The hash is FNV-1a over UTF-16 units and must never change: rows are
 * found again by it.
 */
export function computeLane(name: string): number {
  let hash = FNV_OFFSET;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), FNV_PRIME) >>> 0;
  }
  return hash % LANES;
}
