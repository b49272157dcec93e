import { parentPort, workerData } from "node:worker_threads";
import type { Patience } from "#app/intake/commit-isolating-bad-rows.server.ts";
import { createWaker, type Waker } from "#app/outbox/schedule-accounts.server.ts";
import { writePathAnswers } from "#app/platform/check-database.server.ts";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import { createLogger, type Logger } from "#app/platform/logger.server.ts";
import {
  type Connections,
  connectionsOn,
  createPool,
  PLAN_BY_INDEX,
} from "#app/platform/pool.server.ts";
import {
  type Stored,
  type ThreadAnswer,
  type ThreadGroup,
  type ThreadProbe,
  type ThreadRequest,
  type ThreadStart,
  unpackGroup,
} from "./thread-messages.server.ts";

/** What a thread stores with: connections and keys of its own. */
export interface ThreadServices {
  db: Connections;
  keyring: Keyring;
  log: Logger;
  waker: Waker;
  nowMs: () => number;
}

/** The wait at the end; the job of each minute finds accounts that are not scheduled yet. */
const WAKE_WITHIN_MS = 500;
const PROBE_WITHIN_MS = 1_000;

/**
 * Stores groups in this thread until it is told to close. `makeStore` gets what the thread was
 * started with, and returns what stores a group: one result for each item, by index.
 */
export function serveStoreThread<Item extends Stored, Result>(
  maxConnections: number,
  makeStore: (
    services: ThreadServices,
  ) => (items: readonly Item[], patience: Patience) => Promise<Result[]>,
): void {
  const { target, keys, logLevel } = workerData as ThreadStart;
  const pool = createPool(target, maxConnections, { settings: PLAN_BY_INDEX });
  const log = createLogger(logLevel);
  const waker = createWaker({ db: { pool }, log });
  const db = connectionsOn(pool);
  const storeItems = makeStore({ db, keyring: createKeyring(keys), log, waker, nowMs: Date.now });

  async function store(group: ThreadGroup<Item>): Promise<ThreadAnswer<Result>> {
    const { id, bodies, patience } = group;
    try {
      return { id, bodies, results: await storeItems(unpackGroup(group), patience) };
    } catch (error) {
      const { code = "", message } = error as Error & { code?: unknown };
      return { id, bodies, failure: { code: String(code), message } };
    }
  }

  parentPort?.on("message", async (request: ThreadRequest<Item>) => {
    if (request === "probe") {
      const takesWrites = await writePathAnswers(pool, PROBE_WITHIN_MS);
      parentPort?.postMessage({ takesWrites } satisfies ThreadProbe);
      return;
    }
    if (request !== "close") {
      const answer = await store(request);
      parentPort?.postMessage(answer, [answer.bodies]);
      return;
    }
    await waker.settle(WAKE_WITHIN_MS);
    await pool.end();
    parentPort?.close();
  });
}
