import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Patience } from "#app/intake/commit-isolating-bad-rows.server.ts";
import type { StoredAs, VerifiedWebhook } from "#app/intake/store-webhooks.server.ts";
import { answersWithin } from "#app/platform/answers-within.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import {
  packGroup,
  type ThreadAnswer,
  type ThreadProbe,
  type ThreadRequest,
  type ThreadStart,
} from "./thread-messages.server.ts";

export interface IntakeThread {
  /** Like `storeWebhooks`, in a thread of its own. An empty group starts the thread and its connection. */
  storeWebhooks(
    webhooks: readonly VerifiedWebhook[],
    patience?: Patience,
  ): Promise<readonly StoredAs[]>;
  /** Whether the thread's own connections can write; true without a thread. */
  takesWrites(): Promise<boolean>;
  /** Resolves when the thread and its connections have ended. No webhook may be in hand. */
  close(): Promise<void>;
}

/** The group was not stored, or this is unknown: Shopify is asked to send it again. */
export class IntakeThreadError extends Error {
  override name = "IntakeThreadError";
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

type Group = PromiseWithResolvers<readonly StoredAs[]>;

/**
 * The thread starts with its first group, so that a process that receives no webhooks has none. A
 * thread that crashes loses the groups it had in hand, and the next group starts another thread.
 */
export function openIntakeThread(start: ThreadStart, log: Logger): IntakeThread {
  const groups = new Map<number, Group>();
  const memory: ArrayBuffer[] = [];
  const probes: ((takesWrites: boolean) => void)[] = [];
  let nextId = 0;
  let worker: Worker | null = null;

  function launch(): Worker {
    const launched = new Worker(new URL("./intake-thread.server.ts", import.meta.url), {
      workerData: start,
      name: "intake",
    });
    launched.on("message", settle);
    launched.on("error", (error) => log.error({ err: error }, "the intake thread failed"));
    launched.on("exit", () => {
      worker = null;
      for (const group of groups.values()) {
        group.reject(new IntakeThreadError("thread_ended", "the intake thread ended"));
      }
      groups.clear();
    });
    return launched;
  }

  function settle(answer: ThreadAnswer | ThreadProbe): void {
    if ("takesWrites" in answer) {
      for (const tell of probes.splice(0)) tell(answer.takesWrites);
      return;
    }
    const group = groups.get(answer.id);
    groups.delete(answer.id);
    if (answer.bodies.byteLength <= MAX_KEPT_BYTES) memory.push(answer.bodies);
    if ("results" in answer) group?.resolve(answer.results);
    else group?.reject(new IntakeThreadError(answer.failure.code, answer.failure.message));
  }

  return {
    storeWebhooks(webhooks, patience = "brief") {
      worker ??= launch();
      const group: Group = Promise.withResolvers();
      const packed = packGroup({ id: nextId, patience }, webhooks, memory.pop());
      groups.set(packed.id, group);
      nextId += 1;
      worker.postMessage(packed satisfies ThreadRequest, [packed.bodies]);
      return group.promise;
    },
    takesWrites() {
      if (worker === null) return Promise.resolve(true);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      probes.push(resolve);
      worker.postMessage("probe" satisfies ThreadRequest);
      return answersWithin(PROBED_WITHIN_MS, () => promise);
    },
    async close() {
      if (worker === null) return;
      const ended = once(worker, "exit");
      worker.postMessage("close" satisfies ThreadRequest);
      await ended;
    },
  };
}
