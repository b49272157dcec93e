/**
 * Exact arithmetic on decimal strings. Money never becomes a float, and no currency is scaled:
 * Shopify writes major units with as many places as the currency has, 1980 yen as "1980".
 */

/** `amount` less all of `parts`, with as many places as the longest of them. */
export function subtractDecimals(amount: string, parts: readonly string[]): string {
  if (parts.length === 0) return amount;
  const places = Math.max(countPlaces(amount), ...parts.map(countPlaces));
  const rest = parts.reduce((sum, part) => sum - toUnits(part, places), toUnits(amount, places));
  return fromUnits(rest, places);
}

export function isZeroDecimal(amount: string): boolean {
  return /^-?[0.]+$/.test(amount);
}

function countPlaces(amount: string): number {
  const point = amount.indexOf(".");
  return point === -1 ? 0 : amount.length - point - 1;
}

function toUnits(amount: string, places: number): bigint {
  const missing = places - countPlaces(amount);
  return BigInt(amount.replace(".", "") + "0".repeat(missing));
}

function fromUnits(units: bigint, places: number): string {
  const sign = units < 0n ? "-" : "";
  const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
  if (places === 0) return sign + digits;
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
