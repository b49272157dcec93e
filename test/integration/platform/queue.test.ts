import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openDatabase } from "#app/platform/db.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { createQueue, type JobKind, type Queue, QueueError } from "#app/platform/queue.server.ts";
import { createTestDatabase, openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { eventually } from "#test/support/poll.ts";

const ONE = { group: "one" };
const NEVER = "0 0 29 2 *";

let db: TestDatabase;
let queues: Queue[] = [];
beforeAll(async () => {
  db = await openTestDatabase();
});
afterEach(async () => {
  await Promise.all(queues.map((queue) => queue.stop()));
  queues = [];
});
afterAll(() => db.close());

const lines: string[] = [];
const log = createLogger("info", { write: (line: string) => void lines.push(line) });

function makeQueue(): Queue {
  const queue = createQueue({ db, log }, { pollSeconds: 0.5 });
  queues.push(queue);
  return queue;
}

async function openQueue(): Promise<Queue> {
  const queue = makeQueue();
  await queue.start();
  return queue;
}

/** What the clock does when a job's time has come. */
const comeDue = (name: string) =>
  db.pool.query(
    `insert into pgboss.job (name, policy, retry_limit, retry_delay, retry_backoff)
     select name, policy, retry_limit, 0, false from pgboss.queue where name = $1
     on conflict do nothing`,
    [name],
  );

test("a scheduled job runs when its time comes, once, however many processes know it and turns are waiting", async () => {
  const runs: string[] = [];
  for (const process of ["one", "two"]) {
    const queue = await openQueue();
    await queue.schedule("tidy", NEVER, async () => void runs.push(process));
  }
  await comeDue("tidy");
  await comeDue("tidy");
  await eventually(async () => {
    const { rows } = await db.pool.query("select state from pgboss.job where name = 'tidy'");
    return rows.length === 1 && rows[0].state === "completed";
  });
  expect(runs).toHaveLength(1);
});

test("a job that throws is logged by name and tried again", async () => {
  let runs = 0;
  const queue = await openQueue();
  await queue.schedule("fragile", NEVER, async () => {
    runs += 1;
    if (runs === 1) throw new Error("the first time");
  });
  await comeDue("fragile");
  await eventually(() => runs >= 2);
  expect(lines.join("")).toContain('"job":"fragile"');
});

test("a queue that was not started refuses to schedule and to work", async () => {
  const queue = makeQueue();
  await expect(queue.schedule("early", NEVER, async () => {})).rejects.toThrow(QueueError);
  await queue.send(kindOf("early"), {}, ONE);
  await expect(queue.work(kindOf("early"), async () => "done")).rejects.toThrow(QueueError);
});

const kindOf = (name: string, retries = 0): JobKind => ({
  name,
  retries,
  retrySeconds: 1,
  expireSeconds: 60,
});

test("a job that a process sent which does no work is done once, by one of those that do", async () => {
  const kind = kindOf("errand");
  await makeQueue().send(kind, { errand: "before anybody works" }, ONE);
  const done: unknown[] = [];
  for (const process of ["one", "two"]) {
    const queue = await openQueue();
    await queue.work(kind, async (data) => {
      done.push({ ...data, process });
      return "done";
    });
  }
  await makeQueue().send(kind, { errand: "afterwards" }, ONE);
  await eventually(() => done.length >= 2);
  const { rows } = await db.pool.query("select data from pgboss.job where name = 'errand'");
  expect(rows).toHaveLength(2);
  expect(done.map((job) => (job as { errand: string }).errand).sort()).toEqual([
    "afterwards",
    "before anybody works",
  ]);
});

test("a job that is to be done later waits for its time", async () => {
  const kind = kindOf("later");
  const queue = await openQueue();
  const done: unknown[] = [];
  await queue.work(kind, async (data) => {
    done.push(data);
    return "done";
  });
  await queue.send(kind, { due: "later" }, { ...ONE, afterSeconds: 3_600 });
  await queue.send(kind, { due: "now" }, ONE);
  await eventually(() => done.length > 0);
  expect(done).toEqual([{ due: "now" }]);
});

test("a job is tried again until its tries are over, and knows the last one", async () => {
  const kind = kindOf("stubborn", 2);
  const queue = await openQueue();
  const runs: boolean[] = [];
  await queue.work(kind, async (_, { isLast }) => {
    runs.push(isLast);
    if (runs.length === 1) throw new Error("a fault of ours");
    return "again";
  });
  await queue.send(kind, {}, ONE);
  await eventually(
    async () => {
      const { rows } = await db.pool.query("select state from pgboss.job where name = 'stubborn'");
      return rows[0]?.state === "failed";
    },
    { deadlineMs: 60_000 },
  );
  expect(runs).toEqual([false, false, true]);
  expect(lines.filter((line) => line.includes('"job":"stubborn"'))).toHaveLength(1);
});

test("a group with many slow jobs leaves slots to the others, and its jobs run in turn", async () => {
  const kind = kindOf("queueing");
  const queue = await openQueue();
  const running = new Set<string>();
  const release = Promise.withResolvers<void>();
  for (let n = 0; n < 40; n += 1) await queue.send(kind, { name: `slow-${n}` }, { group: "slow" });
  await queue.work<{ name: string }>(kind, async ({ name }) => {
    running.add(name);
    if (name.startsWith("slow")) await release.promise;
    return "done";
  });
  await eventually(() => running.size >= 2);
  await queue.send(kind, { name: "other" }, { group: "other" });
  await eventually(() => running.has("other"));
  expect(running.size).toBe(3);
  const { jobs, bytes } = await queue.measureWaiting(kind, "slow");
  expect(jobs + running.size - 1).toBe(40);
  expect(bytes).toBeGreaterThan(0);
  release.resolve();
  await eventually(() => running.size === 41);
});

test("a failure of the queue itself is logged with what failed", async () => {
  const queue = await openQueue();
  await queue.work(kindOf("unfetched"), async () => "done");
  await db.pool.query("alter table pgboss.queue rename to queue_away");
  await db.pool.query("alter table pgboss.job rename to job_away");
  try {
    const failure = await eventually(() => lines.find((line) => line.includes("queue failed")));
    expect(JSON.parse(failure)).toMatchObject({ err: { code: "42P01" } });
    expect(failure).not.toContain("NotAnError");
  } finally {
    await db.pool.query("alter table pgboss.job_away rename to job");
    await db.pool.query("alter table pgboss.queue_away rename to queue");
  }
});

test("one job of many that fails takes no other with it", async () => {
  const kind = kindOf("crowd");
  const queue = await openQueue();
  for (const name of ["good", "bad", "fine"]) await queue.send(kind, { name }, ONE);
  await queue.work<{ name: string }>(kind, async ({ name }) => {
    if (name === "bad") throw new Error("this one alone");
    return "done";
  });
  const states = await eventually(async () => {
    const { rows } = await db.pool.query<{ name: string; state: string }>(
      "select data->>'name' as name, state from pgboss.job where name = 'crowd'",
    );
    const ended = rows.every(({ state }) => state === "completed" || state === "failed");
    return ended ? rows.map(({ name, state }) => [name, state]) : null;
  });
  expect(Object.fromEntries(states)).toEqual({
    good: "completed",
    bad: "failed",
    fine: "completed",
  });
});

test("processes that open the queue at once on a database without one all get it", async () => {
  const url = await createTestDatabase();
  const processes = await Promise.all(
    Array.from({ length: 8 }, () => openDatabase({ DATABASE_URL: url, DATA_DIR: "unused" })),
  );
  const opened = processes.map((process) => createQueue({ db: process, log }));
  const started = await Promise.allSettled(opened.map((queue) => queue.start()));
  await Promise.all(opened.map((queue) => queue.stop()));
  await Promise.all(processes.map((process) => process.close()));
  expect(started.filter(({ status }) => status === "rejected")).toEqual([]);
});
