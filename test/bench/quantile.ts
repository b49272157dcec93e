/** The value that a share of all values does not exceed (nearest rank); 0 of none. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values), 0.5);
}

/** For people and JSON: three digits after the point are more than a run can tell apart. */
export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
