/** Repeatable choices: the same seed gives the same ones, on every machine. */
export interface Random {
  /** Returns a number from `min`, below `max`. */
  integer(min: number, max: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
  hex(length: number): string;
}

/** Mulberry32, by Tommy Ettinger, public domain. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (min: number, max: number) => min + Math.floor(next() * (max - min));
  return {
    integer,
    pick: (list) => list[integer(0, list.length)] as (typeof list)[number],
    chance: (probability) => next() < probability,
    hex: (length) => Array.from({ length }, () => integer(0, 16).toString(16)).join(""),
  };
}

/** An id as a JSON number with all its digits: Shopify's go past 2^53. */
export function jsonId(id: bigint | number | string): unknown {
  const text = String(id);
  if (!/^\d+$/.test(text)) throw new Error(`an id has digits only: ${text}`);
  if (BigInt(text) <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(text);
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
}
