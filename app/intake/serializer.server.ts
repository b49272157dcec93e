/**
 * Runs tasks one after the other. Two groups that are read at the same time would both end late,
 * and then both wait for the database while nothing is read.
 */
export function createSerializer(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}
