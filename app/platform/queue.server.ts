import pg from "pg";
import type { ConstructorOptions, JobResult, JobWithMetadata, PgBoss, QueueOptions } from "pg-boss";
import { Counter, type Registry } from "prom-client";
import type { Database } from "./db.server.ts";
import type { Logger } from "./logger.server.ts";
import { traced } from "./trace.server.ts";

/** Jobs in the database: one of all processes takes each job, and no job is lost with a process. */
export interface Queue {
  /** Lets this process work on jobs. A process that only sends jobs does not need it. */
  start(): Promise<void>;
  /**
   * Runs `handler` by a cron expression in UTC, never twice at the same time. A run that throws is
   * retried after one, two and four minutes. Call it after `start`.
   */
  schedule(name: string, cron: string, handler: () => Promise<void>): Promise<void>;
  /** Runs `handler` for each job of the kind, a few at the same time. Call it after `start`. */
  work<Data extends object>(kind: JobKind, handler: JobHandler<Data>): Promise<void>;
  /** Stores a job that is due after so many seconds. `data` is stored in plain text, as JSON. */
  send(kind: JobKind, data: object, options: JobOptions): Promise<void>;
  /** The data of the group's jobs of the kind that are queued or not due yet. */
  measureWaiting(kind: JobKind, group: string): Promise<{ jobs: number; bytes: number }>;
  /** Waits for running handlers, up to 30 s. */
  stop(): Promise<void>;
}

export interface JobKind {
  name: string;
  /** Retries after the first try. */
  retries: number;
  /** The delay before the first retry; each later delay is about twice the one before. */
  retrySeconds: number;
  /** A run is given up after this, and the jobs of a killed process are taken up again. */
  expireSeconds: number;
}

export interface JobOptions {
  /** The owner of the job, mostly a shop: no group takes all slots, however many jobs it has. */
  group: string;
  afterSeconds?: number;
  /** It is taken before jobs of its kind that came earlier and are not. */
  isUrgent?: boolean;
}

/**
 * The outcome of a job. A job that throws is retried as well, and logged as our fault. `isLast`:
 * there will be no other try.
 */
export type JobHandler<Data> = (data: Data, run: { isLast: boolean }) => Promise<"done" | "again">;

interface QueueServices {
  db: Pick<Database, "pool" | "upkeep">;
  log: Logger;
  registry?: Registry;
}

export class QueueError extends Error {
  override name = "QueueError";
  code = "queue_not_started";
}

const POLL_SECONDS = 10;
/** How often jobs that a person waits for are looked for. */
const WORK_POLL_SECONDS = 2;
/** The number of jobs of one kind that run at once in a process: fetchers, and jobs of each. */
const FETCHERS = 4;
const PER_FETCH = 2;
/** The number of jobs of one group that run at once in a process: it leaves a slot to three other groups. */
const AT_ONCE_PER_GROUP = 2;
const STOP_TIMEOUT_MS = 30_000;
/** The advisory lock under which one process at a time makes or migrates pg-boss's tables. */
const START_LOCK = 1_886_417_008;
/** At most one job waits or runs: one that comes while another runs is dropped. */
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
/** This process neither maintains the queues nor schedules. */
const SENDS_ONLY = { supervise: false, schedule: false } as const;
/** The data of a job that has ended is not needed. */
const DELETE_AFTER_SECONDS = 3_600;

/**
 * Runs pg-boss in its own schema `pgboss`, over the process's one pool. A due job starts within
 * `pollSeconds` (at least 0.5); one of a kind that is worked on, within 2 s.
 */
export function createQueue(
  { db, log, registry }: QueueServices,
  { pollSeconds = POLL_SECONDS }: { pollSeconds?: number } = {},
): Queue {
  const runs = countRuns(registry);
  let opened: Promise<PgBoss> | null = null;
  let isWorking = false;
  const made = new Map<string, Promise<void>>();

  function open(options: ConstructorOptions): Promise<PgBoss> {
    const opening = createBoss({ db, log }, options);
    opened = opening;
    // The next caller tries again.
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
      await boss.work(name, { pollingIntervalSeconds: pollSeconds }, () =>
        runScheduled({ log, runs }, name, handler),
      );
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
        Promise.all(jobs.map((job) => runJob({ log, runs }, kind, handler, job))),
      );
    },

    async send(kind, data, options) {
      const boss = await (opened ?? open(SENDS_ONLY));
      await make(boss, kind);
      await boss.send(kind.name, data, toSendOptions(options));
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

function countRuns(registry: Registry | undefined): Counter<"job" | "result"> {
  return new Counter({
    name: "job_runs_total",
    help: "Runs of background jobs by how they ended: done, again, failed",
    labelNames: ["job", "result"],
    registers: registry === undefined ? [] : [registry],
  });
}

async function createBoss(
  { db, log }: QueueServices,
  options: ConstructorOptions,
): Promise<PgBoss> {
  // Loaded late: a web process and the command line do not need it.
  const { PgBoss } = await import("pg-boss");
  let pool = db.upkeep.pool;
  // pg-boss expects bigint columns as pg returns them by default.
  const executeSql = (text: string, values?: unknown[]) =>
    pool.query({ text, types: pg.types, ...(values === undefined ? {} : { values }) });
  const boss = new PgBoss({ ...options, db: { executeSql } });
  boss.on("error", (error) => log.error(describeFailure(error), "queue failed"));
  // Its own lock begins only after `create schema if not exists`, which fails for the second of two
  // processes that do it at once.
  await db.upkeep.transaction(async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [START_LOCK]);
    await boss.start();
  });
  // Its tables exist now: from here on its queries are as short as any other.
  pool = db.pool;
  return boss;
}

/** pg-boss emits copies of its errors, which are no Error objects, with context beside them. */
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
  // A queue that an older version made would keep its old options.
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

function toSendOptions({ group, afterSeconds = 0, isUrgent = false }: JobOptions) {
  return { startAfter: afterSeconds, group: { id: group }, priority: isUrgent ? 1 : 0 };
}

interface RunServices {
  log: Logger;
  runs: Counter<"job" | "result">;
}

async function runScheduled(
  { log, runs }: RunServices,
  job: string,
  handler: () => Promise<void>,
): Promise<void> {
  try {
    await traced("job", { job }, () => handler(), []);
    runs.inc({ job, result: "done" });
  } catch (error) {
    runs.inc({ job, result: "failed" });
    log.error({ err: error, job }, "scheduled job failed");
    throw error;
  }
}

async function runJob<Data>(
  { log, runs }: RunServices,
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
    const isLast = retryCount >= retryLimit;
    const end = await traced("job", { job: name }, () => handler(data, { isLast }), []);
    runs.inc({ job: name, result: end });
    return { id, status: end === "done" ? "completed" : "failed" };
  } catch (error) {
    runs.inc({ job: name, result: "failed" });
    log.error({ err: error, job: name }, "job failed");
    return { id, status: "failed" };
  }
}
