import pg from "pg";
import type { PgBoss } from "pg-boss";
import type { Database } from "./db.server.ts";
import type { Logger } from "./logger.server.ts";

/** Scheduled jobs that are rare: one process of all that run takes each turn. */
export interface Queue {
  start(): Promise<void>;
  /**
   * Runs `handler` by a cron expression in UTC, never twice at the same time. A run that throws is
   * tried again after one, two and four minutes. After `start`.
   */
  schedule(name: string, cron: string, handler: () => Promise<void>): Promise<void>;
  /** Waits for running handlers, up to 30 s. */
  stop(): Promise<void>;
}

export class QueueError extends Error {
  override name = "QueueError";
  code = "queue_not_started";
}

const POLL_SECONDS = 10;
const STOP_TIMEOUT_MS = 30_000;
/** At most one job that waits or runs: a turn that comes while the last one runs is left out. */
const POLICY = "exclusive";
const OPTIONS = {
  retryLimit: 3,
  retryDelay: 60,
  retryBackoff: true,
  expireInSeconds: 3_600,
  // A worker that was killed is noticed after this, not after an hour.
  heartbeatSeconds: 60,
  deleteAfterSeconds: 86_400,
} as const;

/**
 * pg-boss in its own schema `pgboss`, over the process's one pool. A job that has come due starts
 * within `pollSeconds`, at least 0.5.
 */
export function createQueue(
  { db, log }: { db: Pick<Database, "pool">; log: Logger },
  { pollSeconds = POLL_SECONDS }: { pollSeconds?: number } = {},
): Queue {
  let boss: PgBoss | null = null;

  return {
    async start() {
      // Loaded late: a web process and the command line do without it.
      const { PgBoss } = await import("pg-boss");
      // pg-boss reads bigint columns as pg gives them by itself.
      const executeSql = (text: string, values?: unknown[]) =>
        db.pool.query({ text, types: pg.types, ...(values === undefined ? {} : { values }) });
      boss = new PgBoss({ db: { executeSql } });
      boss.on("error", (error) => log.error({ err: error }, "queue failed"));
      await boss.start();
    },

    async schedule(name, cron, handler) {
      if (boss === null) throw new QueueError(`Start the queue before scheduling ${name}`);
      await boss.createQueue(name, { policy: POLICY, ...OPTIONS });
      // What an older version made keeps its options otherwise.
      await boss.updateQueue(name, OPTIONS);
      await boss.work(name, { pollingIntervalSeconds: pollSeconds }, async () => {
        try {
          await handler();
        } catch (error) {
          log.error({ err: error, job: name }, "scheduled job failed");
          throw error;
        }
      });
      await boss.schedule(name, cron, null, { tz: "UTC" });
    },

    async stop() {
      await boss?.stop({ graceful: true, close: false, timeout: STOP_TIMEOUT_MS });
      boss = null;
    },
  };
}
