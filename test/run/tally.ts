/** What came of some checks or tests. Failures are named, and every skip has its reason. */
export interface Tally {
  passed: number;
  failures: string[];
  skipped: { name: string; reason: string }[];
}

export function passedOnce(): Tally {
  return { passed: 1, failures: [], skipped: [] };
}

export function failedOnce(name: string): Tally {
  return { passed: 0, failures: [name], skipped: [] };
}

export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failures: tallies.flatMap(({ failures }) => failures),
    skipped: tallies.flatMap(({ skipped }) => skipped),
  };
}

/**
 * What a suite's own report leaves out: a runner that failed though none of its tests did, and one
 * that ran nothing.
 */
export function judgeSuite(name: string, tally: Tally, exitCode: number): Tally {
  if (tally.failures.length > 0) return tally;
  if (exitCode !== 0) return addTallies([tally, failedOnce(`${name} ended with code ${exitCode}`)]);
  if (tally.passed === 0) return addTallies([tally, failedOnce(`${name} ran no test`)]);
  return tally;
}
