/** One measured number, beside what it has to be. */
export interface Figure {
  what: string;
  value: string;
  goal: string;
  isReached: boolean;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
