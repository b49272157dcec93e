import { AsyncLocalStorage } from "node:async_hooks";

/** What runs here has a connection to the database, until `work` has ended. */
interface Hold {
  isOver: boolean;
}

const holds = new AsyncLocalStorage<Hold>();

/** A slip of ours: somebody outside was asked between `begin` and `commit`. */
export class HeldConnectionError extends Error {
  override name = "HeldConnectionError";
}

/** Runs the work of a transaction. What it starts and leaves running is none of it. */
export async function whileHolding<T>(work: () => Promise<T>): Promise<T> {
  const hold: Hold = { isOver: false };
  try {
    return await holds.run(hold, work);
  } finally {
    hold.isOver = true;
  }
}

/**
 * Every client of the network asks this first. Whoever asked `whom` with a connection in hand would
 * keep it for as long as the answer takes, and a slow Pinterest would empty the pool of all shops:
 * commit what is to be done, ask, then store the answer.
 *
 * @throws HeldConnectionError
 */
export function refuseWhileHolding(whom: string): void {
  if (holds.getStore()?.isOver === false) {
    throw new HeldConnectionError(`${whom} is asked while a connection to the database is held`);
  }
}
