import { AsyncLocalStorage } from "node:async_hooks";

/** Code that runs here has a connection to the database, until `work` has ended. */
interface Hold {
  isOver: boolean;
}

const holds = new AsyncLocalStorage<Hold>();

/** A programming error of ours: a remote service was called between `begin` and `commit`. */
export class HeldConnectionError extends Error {
  override name = "HeldConnectionError";
}

/** Runs the work of a transaction. Work that it starts and leaves running is not part of it. */
export async function whileHolding<T>(work: () => Promise<T>): Promise<T> {
  const hold: Hold = { isOver: false };
  try {
    return await holds.run(hold, work);
  } finally {
    hold.isOver = true;
  }
}

/**
 * Every network client calls this first. A call of `whom` with a connection in hand would keep that
 * connection until the answer comes, and a slow Pinterest would empty the pool for all shops:
 * commit, call, then store the answer.
 *
 * @throws HeldConnectionError
 */
export function refuseWhileHolding(whom: string): void {
  if (holds.getStore()?.isOver === false) {
    throw new HeldConnectionError(`${whom} is asked while a connection to the database is held`);
  }
}
