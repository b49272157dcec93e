/**
 * Exact arithmetic on decimal strings. Money never becomes a float, and no currency is scaled:
 * Shopify writes major units with as many places as the currency has, 1980 yen as "1980".
 */

const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** An amount with any number of digits, as Shopify and Pinterest write one. */
export function isDecimal(value: unknown): value is string {
  return typeof value === "string" && DECIMAL.test(value);
}

/** Subtracts all of `parts` from `amount`, with as many decimal places as the longest of them. */
export function subtractDecimals(amount: string, parts: readonly string[]): string {
  if (parts.length === 0) return amount;
  const difference = new DecimalSum();
  difference.add(amount);
  for (const part of parts) difference.add(part, -1n);
  return String(difference);
}

/** A running sum that keeps no terms, with as many decimal places as the longest of them. */
export class DecimalSum {
  /** Amounts of the same length are added first: otherwise each would be padded to the longest of all. */
  readonly #byPlaces = new Map<number, bigint>();

  add(decimal: string, sign = 1n): void {
    const places = countPlaces(decimal);
    this.#byPlaces.set(places, (this.#byPlaces.get(places) ?? 0n) + sign * toUnits(decimal));
  }

  toString(): string {
    let units = 0n;
    let places = 0;
    for (const [next, sum] of [...this.#byPlaces].sort(([left], [right]) => left - right)) {
      units = units * 10n ** BigInt(next - places) + sum;
      places = next;
    }
    return fromUnits(units, places);
  }
}

/** Computes the share of `part` pieces of `whole` in an amount, rounded to its decimal places. */
export function shareDecimal(amount: string, part: number, whole: number): string {
  const [units, denominator] = [toUnits(amount) * BigInt(part), BigInt(whole)];
  const half = units < 0n ? -denominator : denominator;
  return fromUnits((2n * units + half) / (2n * denominator), countPlaces(amount));
}

export function isZeroDecimal(amount: string): boolean {
  return /^-?[0.]+$/.test(amount);
}

export function isNegativeDecimal(amount: string): boolean {
  return amount.startsWith("-") && !isZeroDecimal(amount);
}

function countPlaces(amount: string): number {
  const point = amount.indexOf(".");
  return point === -1 ? 0 : amount.length - point - 1;
}

function toUnits(amount: string): bigint {
  return BigInt(amount.replace(".", ""));
}

function fromUnits(units: bigint, places: number): string {
  const sign = units < 0n ? "-" : "";
  const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
  if (places === 0) return sign + digits;
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
