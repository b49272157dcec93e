import { afterEach } from "vitest";
import { createLogger } from "#app/platform/logger.server.ts";
import { createQueue, type Queue } from "#app/platform/queue.server.ts";
import type { TestDatabase } from "./database.ts";

/** A log whose lines a test reads, and queues on it that stop after each test. */
export function openQueues() {
  const lines: string[] = [];
  const log = createLogger("info", { write: (line) => void lines.push(line) });
  let queues: Queue[] = [];
  afterEach(async () => {
    await Promise.all(queues.map((queue) => queue.stop()));
    queues = [];
  });
  return {
    lines,
    log,
    openQueue(db: TestDatabase): Queue {
      const queue = createQueue({ db, log }, { pollSeconds: 0.5 });
      queues.push(queue);
      return queue;
    },
  };
}
