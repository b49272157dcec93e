/**
 * Runs tasks one after the other. Two groups that are read at the same time would both end late,
 * and then both wait for the database while nothing is read.
 */
export function createSerializer(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<void> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    // Without the result, which would stay in memory until the next task.
    last = turn.then(done, done);
    return turn;
  };
}

function done(): void {}
