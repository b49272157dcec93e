import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createQueue, type Queue, QueueError } from "#app/platform/queue.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { eventually } from "#test/support/poll.ts";

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
const log = pino({}, { write: (line: string) => void lines.push(line) });

async function openQueue(): Promise<Queue> {
  const queue = createQueue({ db, log }, { pollSeconds: 0.5 });
  queues.push(queue);
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
  await eventually(
    async () => {
      const { rows } = await db.pool.query("select state from pgboss.job where name = 'tidy'");
      return rows.length === 1 && rows[0].state === "completed";
    },
    { deadlineMs: 40_000 },
  );
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
  await eventually(() => runs >= 2, { deadlineMs: 50_000 });
  expect(lines.join("")).toContain('"job":"fragile"');
});

test("a queue that was not started refuses to schedule", async () => {
  const queue = createQueue({ db, log });
  await expect(queue.schedule("early", NEVER, async () => {})).rejects.toThrow(QueueError);
});
