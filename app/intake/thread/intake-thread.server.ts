// The thread that reads, maps, encrypts and stores webhooks, so that the process's main thread is
// free to receive the next ones. Started by open-intake-thread.server.ts.
import { parentPort, workerData } from "node:worker_threads";
import { createSerializer } from "#app/intake/serializer.server.ts";
import { storeWebhooks } from "#app/intake/store-webhooks.server.ts";
import { createWaker } from "#app/outbox/waker.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { connectionsOn, createPool } from "#app/platform/pool.server.ts";
import { writePathAnswers } from "#app/platform/write-path.server.ts";
import {
  type ThreadAnswer,
  type ThreadGroup,
  type ThreadProbe,
  type ThreadRequest,
  type ThreadStart,
  unpackGroup,
} from "./thread-messages.server.ts";

/**
 * Connections for the groups in hand, the shops that the next one reads, the waker, and shops whose
 * rows are locked.
 */
const MAX_CONNECTIONS = 8;
/** The wait at the end; the job of each minute finds accounts that are not scheduled yet. */
const WAKE_WITHIN_MS = 500;
const PROBE_WITHIN_MS = 1_000;

const { target, keys, logLevel } = workerData as ThreadStart;
const pool = createPool(target, MAX_CONNECTIONS);
const log = createLogger(logLevel);
const waker = createWaker({ db: { pool }, log });
const services = {
  db: connectionsOn(pool),
  keyring: createKeyring(keys),
  log,
  waker,
  nowMs: Date.now,
  serialize: createSerializer(),
};

async function store(group: ThreadGroup): Promise<ThreadAnswer> {
  const { id, bodies, patience } = group;
  try {
    return { id, bodies, results: await storeWebhooks(services, unpackGroup(group), patience) };
  } catch (error) {
    const { code = "", message } = error as Error & { code?: unknown };
    return { id, bodies, failure: { code: String(code), message } };
  }
}

parentPort?.on("message", async (request: ThreadRequest) => {
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
