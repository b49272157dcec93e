import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Patience } from "#app/intake/commit-isolating-bad-rows.server.ts";
import { outsideRequest } from "#app/platform/http/request-id.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { resultWithin } from "#app/platform/result-within.server.ts";
import {
  packGroup,
  type Stored,
  type ThreadAnswer,
  type ThreadProbe,
  type ThreadRequest,
  type ThreadStart,
} from "./thread-messages.server.ts";

/** Reads and stores groups of bodies in a thread of its own. */
export interface StoreThread<Item extends Stored, Result> {
  /** Results by index. An empty group starts the thread and its connection. */
  store(items: readonly Item[], patience?: Patience): Promise<readonly Result[]>;
  /** Whether the thread's own connections can write; true without a thread. */
  takesWrites(): Promise<boolean>;
  /** Resolves when the thread and its connections have ended. Nothing may be in hand. */
  close(): Promise<void>;
}

/** The group was not stored, or this is unknown: its senders are asked to send it again. */
export class StoreThreadError extends Error {
  override name = "StoreThreadError";
  code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A busy thread takes a moment until it reads its messages. */
const PROBED_WITHIN_MS = 2_000;
/** More memory is not kept: a short burst of large bodies would hold it for ever. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * The threads, by name; each calls `serveStoreThread`. Webhooks and the pixel have one each, so
 * that no number of page views makes an order wait.
 */
const THREADS = {
  intake: new URL("./intake-thread.server.ts", import.meta.url),
  pixel: new URL("./pixel-thread.server.ts", import.meta.url),
};

/**
 * The thread starts with its first group, so that a process that receives none has no thread. A
 * thread that crashes loses the groups it had in hand, and the next group starts another thread.
 */
export function openStoreThread<Item extends Stored, Result>(
  name: keyof typeof THREADS,
  start: ThreadStart,
  log: Logger,
): StoreThread<Item, Result> {
  const groups = new Map<number, PromiseWithResolvers<readonly Result[]>>();
  const memory: ArrayBuffer[] = [];
  const probes: ((takesWrites: boolean) => void)[] = [];
  let nextId = 0;
  let worker: Worker | null = null;

  function launch(): Worker {
    const launched = new Worker(THREADS[name], { workerData: start, name });
    launched.on("message", settle);
    launched.on("error", (error) => log.error({ err: error, thread: name }, "a thread failed"));
    launched.on("exit", () => {
      worker = null;
      for (const group of groups.values()) {
        group.reject(new StoreThreadError("thread_ended", `the ${name} thread ended`));
      }
      groups.clear();
    });
    return launched;
  }

  function settle(answer: ThreadAnswer<Result> | ThreadProbe): void {
    if ("takesWrites" in answer) {
      for (const tell of probes.splice(0)) tell(answer.takesWrites);
      return;
    }
    const group = groups.get(answer.id);
    groups.delete(answer.id);
    if (answer.bodies.byteLength <= MAX_KEPT_BYTES) memory.push(answer.bodies);
    if ("results" in answer) group?.resolve(answer.results);
    else group?.reject(new StoreThreadError(answer.failure.code, answer.failure.message));
  }

  return {
    store(items, patience = "brief") {
      // The thread outlives the request that happens to start it.
      worker ??= outsideRequest(launch);
      const group = Promise.withResolvers<readonly Result[]>();
      const packed = packGroup<Item>({ id: nextId, patience }, items, memory.pop());
      groups.set(packed.id, group);
      nextId += 1;
      worker.postMessage(packed satisfies ThreadRequest<Item>, [packed.bodies]);
      return group.promise;
    },
    async takesWrites() {
      if (worker === null) return true;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      probes.push(resolve);
      worker.postMessage("probe" satisfies ThreadRequest<Item>);
      return (await resultWithin(PROBED_WITHIN_MS, () => promise)) === true;
    },
    async close() {
      if (worker === null) return;
      const ended = once(worker, "exit");
      worker.postMessage("close" satisfies ThreadRequest<Item>);
      await ended;
    },
  };
}
