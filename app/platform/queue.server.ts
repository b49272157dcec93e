import pg from "pg";
import type { ConstructorOptions, JobResult, JobWithMetadata, PgBoss, QueueOptions } from "pg-boss";
import type { Database } from "./db.server.ts";
import type { Logger } from "./logger.server.ts";

/** Jobs in the database: one process of all that work takes each, and none is lost with a process. */
export interface Queue {
  /** Makes this process one that works. A process that only sends does without. */
  start(): Promise<void>;
  /**
   * Runs `handler` by a cron expression in UTC, never twice at the same time. A run that throws is
   * tried again after one, two and four minutes. After `start`.
   */
  schedule(name: string, cron: string, handler: () => Promise<void>): Promise<void>;
  /** Runs `handler` for each job of the kind, a few at the same time. After `start`. */
  work<Data extends object>(kind: JobKind, handler: JobHandler<Data>): Promise<void>;
  /** Stores a job, due after so many seconds. `data` is stored in clear, as JSON. */
  send(kind: JobKind, data: object, options: JobOptions): Promise<void>;
  /** The group's jobs of the kind that wait for their turn, or for their time, and their data. */
  measureWaiting(kind: JobKind, group: string): Promise<{ jobs: number; bytes: number }>;
  /** Waits for running handlers, up to 30 s. */
  stop(): Promise<void>;
}

export interface JobKind {
  name: string;
  /** Tries after the first one. */
  retries: number;
  /** Before the first of them; before each other one about twice as long as before the last. */
  retrySeconds: number;
  /** A run is given up after this, and what a killed process had in hand is taken up again. */
  expireSeconds: number;
}

export interface JobOptions {
  /** Whose job it is, a shop's mostly: no group takes all slots, however many jobs it has. */
  group: string;
  afterSeconds?: number;
}

/**
 * What becomes of a job. One that throws is tried again as well, and noted as a fault of ours.
 * `isLast`: there will be no other try.
 */
export type JobHandler<Data> = (data: Data, run: { isLast: boolean }) => Promise<"done" | "again">;

interface QueueServices {
  db: Pick<Database, "pool" | "upkeep">;
  log: Logger;
}

export class QueueError extends Error {
  override name = "QueueError";
  code = "queue_not_started";
}

const POLL_SECONDS = 10;
/** Of jobs that somebody waits for. */
const WORK_POLL_SECONDS = 2;
/** Jobs of one kind that run at once in a process, by so many fetchers of so many each. */
const FETCHERS = 4;
const PER_FETCH = 2;
/** Of one group in a process: three others find a slot beside it. */
const AT_ONCE_PER_GROUP = 2;
const STOP_TIMEOUT_MS = 30_000;
/** Key of the advisory lock under which one process at a time makes or migrates pg-boss's tables. */
const START_LOCK = 1_886_417_008;
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
/** Neither looks after the queues nor keeps their clock. */
const SENDS_ONLY = { supervise: false, schedule: false } as const;
/** Data of a job that has ended is no use to anybody. */
const DELETE_AFTER_SECONDS = 3_600;

/**
 * pg-boss in its own schema `pgboss`, over the process's one pool. A job that has come due starts
 * within `pollSeconds`, at least 0.5; one of a kind that is worked on, within 2 s.
 */
export function createQueue(
  { db, log }: QueueServices,
  { pollSeconds = POLL_SECONDS }: { pollSeconds?: number } = {},
): Queue {
  let opened: Promise<PgBoss> | null = null;
  let isWorking = false;
  const made = new Map<string, Promise<void>>();

  function open(options: ConstructorOptions): Promise<PgBoss> {
    const opening = openBoss({ db, log }, options);
    opened = opening;
    // The next one to ask tries again.
    opening.catch(() => {
      if (opened === opening) opened = null;
    });
    return opening;
  }

  async function working(what: string): Promise<PgBoss> {
    if (opened === null || !isWorking) throw new QueueError(`Start the queue before ${what}`);
    return opened;
  }

  function make(boss: PgBoss, kind: JobKind): Promise<void> {
    const making = made.get(kind.name) ?? makeQueue(boss, kind.name, toOptions(kind));
    made.set(kind.name, making);
    making.catch(() => made.delete(kind.name));
    return making;
  }

  const queue: Queue = {
    async start() {
      await queue.stop();
      await open({});
      isWorking = true;
    },

    async schedule(name, cron, handler) {
      const boss = await working(`scheduling ${name}`);
      await makeQueue(boss, name, OPTIONS, POLICY);
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

    async work<Data extends object>(kind: JobKind, handler: JobHandler<Data>) {
      const boss = await working(`working on ${kind.name}`);
      await make(boss, kind);
      const options = {
        pollingIntervalSeconds: Math.min(pollSeconds, WORK_POLL_SECONDS),
        localConcurrency: FETCHERS,
        batchSize: PER_FETCH,
        localGroupConcurrency: AT_ONCE_PER_GROUP,
        burstWhenBatchFull: true,
        includeMetadata: true,
        perJobResults: true,
      } as const;
      await boss.work(kind.name, options, (jobs: JobWithMetadata<Data>[]) =>
        Promise.all(jobs.map((job) => runJob(log, kind, handler, job))),
      );
    },

    async send(kind, data, { group, afterSeconds = 0 }) {
      const boss = await (opened ?? open(SENDS_ONLY));
      await make(boss, kind);
      await boss.send(kind.name, data, { startAfter: afterSeconds, group: { id: group } });
    },

    async measureWaiting(kind, group) {
      await (opened ?? open(SENDS_ONLY));
      return measureWaiting(db, kind, group);
    },

    async stop() {
      const boss = await opened?.catch(() => null);
      opened = null;
      isWorking = false;
      made.clear();
      await boss?.stop({ graceful: true, close: false, timeout: STOP_TIMEOUT_MS });
    },
  };
  return queue;
}

async function openBoss({ db, log }: QueueServices, options: ConstructorOptions): Promise<PgBoss> {
  // Loaded late: a web process and the command line do without it.
  const { PgBoss } = await import("pg-boss");
  let pool = db.upkeep.pool;
  // pg-boss reads bigint columns as pg gives them by itself.
  const executeSql = (text: string, values?: unknown[]) =>
    pool.query({ text, types: pg.types, ...(values === undefined ? {} : { values }) });
  const boss = new PgBoss({ ...options, db: { executeSql } });
  boss.on("error", (error) => log.error(describeFailure(error), "queue failed"));
  // Its own lock begins only after `create schema if not exists`, which fails for the second of
  // two processes that do it at once.
  await db.upkeep.transaction(async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [START_LOCK]);
    await boss.start();
  });
  // Its tables are made: what it asks from now on is as short as anything else.
  pool = db.pool;
  return boss;
}

/** pg-boss passes copies of its errors on, which are errors no more, with what failed beside them. */
function describeFailure(error: { message: string; queue?: string }) {
  const err = error instanceof Error ? error : Object.assign(new Error(error.message), error);
  return { err, ...(error.queue !== undefined && { job: error.queue }) };
}

async function measureWaiting(
  { pool }: QueueServices["db"],
  { name }: JobKind,
  group: string,
): Promise<{ jobs: number; bytes: number }> {
  const { rows } = await pool.query<{ jobs: bigint; bytes: bigint }>(
    `select count(*) as jobs, coalesce(sum(pg_column_size(data)), 0) as bytes from pgboss.job
      where name = $1 and state in ('created', 'retry') and group_id = $2`,
    [name, group],
  );
  return { jobs: Number(rows[0]?.jobs), bytes: Number(rows[0]?.bytes) };
}

async function makeQueue(
  boss: PgBoss,
  name: string,
  options: Omit<QueueOptions, "retryDelayMax">,
  policy: "exclusive" | "standard" = "standard",
): Promise<void> {
  await boss.createQueue(name, { policy, ...options });
  // What an older version made keeps its options otherwise.
  await boss.updateQueue(name, options);
}

function toOptions({ retries, retrySeconds, expireSeconds }: JobKind) {
  return {
    retryLimit: retries,
    retryDelay: retrySeconds,
    retryBackoff: true,
    expireInSeconds: expireSeconds,
    deleteAfterSeconds: DELETE_AFTER_SECONDS,
  };
}

async function runJob<Data>(
  log: Logger,
  { name }: JobKind,
  handler: JobHandler<Data>,
  {
    id,
    data,
    retryCount,
    retryLimit,
  }: Pick<JobWithMetadata<Data>, "id" | "data" | "retryCount" | "retryLimit">,
): Promise<JobResult> {
  try {
    const end = await handler(data, { isLast: retryCount >= retryLimit });
    return { id, status: end === "done" ? "completed" : "failed" };
  } catch (error) {
    log.error({ err: error, job: name }, "job failed");
    return { id, status: "failed" };
  }
}
