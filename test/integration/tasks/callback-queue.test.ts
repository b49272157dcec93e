import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCallbackSecret } from "#app/shops/callback-secret.server.ts";
import {
  type CallbackJob,
  hasRoomForCallback,
  queueCallback,
} from "#app/tasks/callback/callback-job.server.ts";
import { createHostBreakers } from "#app/tasks/callback/host-breakers.server.ts";
import { runCallbackJob, workOnCallbacks } from "#app/tasks/callback/work-on-callbacks.server.ts";
import type { SendDocument, TaskResult } from "#app/tasks/task-document.server.ts";
import { type Received, startReceiver } from "#test/support/callback-receiver.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { commitEvents, makeShop, purchase, testKeyring } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { openQueues } from "#test/support/queue-fixture.ts";

const keyring = testKeyring();
let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
const { lines, log, openQueue } = openQueues();
afterAll(() => db.close());

/** A process of the app; `nowMs` is its clock. */
function openProcess({ allowLoopback = true, nowMs = Date.now, timeoutMs = 10_000 } = {}) {
  const queue = openQueue(db);
  return {
    db,
    keyring,
    log,
    queue,
    nowMs,
    allowLoopback,
    timeoutMs,
    breakers: createHostBreakers(),
  };
}

async function startWorker(options = {}) {
  const worker = openProcess(options);
  await worker.queue.start();
  await workOnCallbacks(worker);
}

/** What waits for its time is due: a retry, and a document with open events. */
async function comeDue(): Promise<CallbackJob[]> {
  const { rows } = await db.pool.query<{ data: CallbackJob }>(
    `update pgboss.job set start_after = now()
      where name = 'post-callback' and state in ('created', 'retry') returning data`,
  );
  return rows.map(({ data }) => data);
}

async function audited(shopId: bigint): Promise<unknown[]> {
  const { rows } = await db.pool.query(
    "select actor, action, after from audit_entry where shop_id = $1 and action like 'callback.%'",
    [shopId.toString()],
  );
  return rows;
}

const IP = "203.0.113.77";

function documentOf(results: TaskResult[]): SendDocument {
  const pending = results.filter(({ status }) => status === "pending").length;
  const accepted = results.length - pending;
  return {
    task: "send_batch_events",
    demo: false,
    test: false,
    ok: true,
    ad_account_id: "549755885175",
    summary: {
      received: results.length,
      accepted,
      failed: 0,
      skipped: 0,
      ...(pending > 0 && { pending }),
    },
    results,
  };
}

function resultOf(orderId: string, changes: Partial<TaskResult> = {}): TaskResult {
  const { outcome } = purchase(orderId);
  const event = outcome.kind === "send" ? outcome.event : null;
  return {
    index: 0,
    event_id: `order-${orderId}-checkout`,
    event_name: "checkout",
    status: "accepted",
    warning: null,
    error: null,
    event: event && { ...event, user_data: { ...event.user_data, client_ip_address: IP } },
    ...changes,
  };
}

const idsOf = (received: Received[]) => received.map(({ headers }) => headers["webhook-id"]);

describe("a result that is queued by a process that only takes requests", () => {
  test("is posted by the worker, signed with the secret of the shop", async () => {
    const shop = await makeShop({ db, keyring });
    const receiver = await startReceiver();
    const document = documentOf([resultOf("1")]);
    await queueCallback(openProcess(), { shop, url: receiver.url, document });
    await startWorker();
    const { body, headers } = await eventually(() => receiver.received[0]);
    const secret = await readCallbackSecret({ db, keyring }, shop.domain);
    expect(new Webhook(secret).verify(body, headers)).toEqual(document);
  });

  test("lies encrypted in the queue, its address too", async () => {
    const shop = await makeShop({ db, keyring });
    const url = "https://hooks.example/secret-path?key=of-the-receiver";
    await queueCallback(openProcess(), { shop, url, document: documentOf([resultOf("2")]) });
    const { rows } = await db.pool.query<{ job: string }>(
      "select j::text as job from pgboss.job j where data->>'shop' = $1",
      [shop.domain],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.job).not.toMatch(/hooks\.example|secret-path|203\.0\.113|86e0b9e5|order-2/);
    await db.pool.query("delete from pgboss.job where data->>'shop' = $1", [shop.domain]);
  });

  test("comes again under the same id until the receiver takes it, and then no more", async () => {
    const shop = await makeShop({ db, keyring });
    const receiver = await startReceiver((count) => ({ status: count < 3 ? 500 : 200 }));
    const document = documentOf([resultOf("3")]);
    await queueCallback(openProcess(), { shop, url: receiver.url, document });
    await startWorker();
    await eventually(async () => {
      await comeDue();
      return receiver.received.length >= 3;
    });
    await eventually(async () => {
      const { rows } = await db.pool.query(
        "select state from pgboss.job where data->>'shop' = $1",
        [shop.domain],
      );
      return rows.length === 1 && rows[0].state === "completed";
    });
    expect(new Set(idsOf(receiver.received)).size).toBe(1);
    expect(receiver.received).toHaveLength(3);
    expect(await audited(shop.id)).toEqual([]);
  });
});

describe("a result that nobody takes", () => {
  const job = async (url: string, shop: { id: bigint; domain: string }): Promise<CallbackJob> => {
    const jobs: CallbackJob[] = [];
    const queue = { send: async (_: unknown, data: object) => void jobs.push(data as CallbackJob) };
    const document = documentOf([resultOf("4")]);
    await queueCallback({ ...openProcess(), queue }, { shop, url, document });
    return jobs[0] as CallbackJob;
  };

  test("is given up after the last try: in the log, and in the shop's audit log", async () => {
    const shop = await makeShop({ db, keyring });
    const receiver = await startReceiver(() => ({ status: 500 }));
    const queued = await job(receiver.url, shop);
    const services = openProcess();
    expect(await runCallbackJob(services, queued, { isLast: false })).toBe("again");
    expect(await audited(shop.id)).toEqual([]);
    expect(await runCallbackJob(services, queued, { isLast: true })).toBe("done");
    const why = expect.stringContaining("answered 500");
    const host = `127.0.0.1:${receiver.port}`;
    expect(await audited(shop.id)).toEqual([
      { actor: "system", action: "callback.give_up", after: { callback: queued.id, host, why } },
    ]);
    const noted = lines.filter((line) => line.includes(queued.id)).join("");
    expect(noted).toContain("callback given up");
    expect(noted).not.toMatch(/of-the-receiver|203\.0\.113/);
  });

  test("because its address is not public is given up at once", async () => {
    const shop = await makeShop({ db, keyring });
    const receiver = await startReceiver();
    const queued = await job(receiver.url, shop);
    const end = await runCallbackJob(openProcess({ allowLoopback: false }), queued, {
      isLast: false,
    });
    expect(end).toBe("done");
    expect(await audited(shop.id)).toHaveLength(1);
    expect(receiver.received).toEqual([]);
  });

  test("because the shop is gone is dropped", async () => {
    const receiver = await startReceiver();
    const shop = await makeShop({ db, keyring });
    const queued = await job(receiver.url, { ...shop, domain: "gone.myshopify.com" });
    expect(await runCallbackJob(openProcess(), queued, { isLast: false })).toBe("done");
    expect(receiver.received).toEqual([]);
  });

  test("opens for no other message than its own", async () => {
    const shop = await makeShop({ db, keyring });
    const queued = await job("https://hooks.example/", shop);
    const swapped = { ...queued, id: "msg_another" };
    await expect(runCallbackJob(openProcess(), swapped, { isLast: false })).rejects.toThrow(
      "Encrypted data is altered",
    );
  });
});

describe("results of a shop whose receiver never answers", () => {
  test("keep nobody else's waiting, and are not tried one by one", async () => {
    const [slow, other] = [await makeShop({ db, keyring }), await makeShop({ db, keyring })];
    const silent = await startReceiver(() => undefined);
    const receiver = await startReceiver();
    const sender = openProcess();
    const document = documentOf([resultOf("20")]);
    for (let n = 0; n < 40; n += 1) {
      await queueCallback(sender, { shop: slow, url: silent.url, document });
    }
    await startWorker({ timeoutMs: 1_000 });
    await eventually(() => silent.received.length >= 2);
    await queueCallback(sender, { shop: other, url: receiver.url, document });
    await eventually(() => receiver.received[0]);
    expect(silent.received.length).toBeLessThanOrEqual(4);
    const waiting = async () => {
      const { rows } = await db.pool.query(
        "select id from pgboss.job where group_id = $1 and state = 'retry'",
        [slow.domain],
      );
      return rows.length;
    };
    // The host has failed three times by then: the others wait for their next try without a call.
    await eventually(async () => (await waiting()) === 40);
    expect(silent.received.length).toBeLessThanOrEqual(4);
    await db.pool.query("delete from pgboss.job where group_id = $1", [slow.domain]);
  });

  test("are no more than a thousand", async () => {
    const shop = await makeShop({ db, keyring });
    const sender = openProcess();
    await queueCallback(sender, { shop, url: "https://hooks.example/", document: documentOf([]) });
    expect(await hasRoomForCallback(sender, shop)).toBe(true);
    await db.pool.query(
      `insert into pgboss.job (name, data, group_id, start_after)
        select name, data, group_id, now() + interval '1 day' from pgboss.job, generate_series(1, 999)
        where group_id = $1`,
      [shop.domain],
    );
    expect(await hasRoomForCallback(sender, shop)).toBe(false);
    await db.pool.query("delete from pgboss.job where group_id = $1", [shop.domain]);
  });
});

describe("a result with events that are still open", () => {
  const pendingResults = () => [
    resultOf("10", { status: "accepted" }),
    resultOf("11", { index: 1, status: "pending" }),
    resultOf("12", { index: 2, status: "pending", event_id: "browser-12" }),
  ];

  test("waits for their outcomes, and tells them", async () => {
    const shop = await makeShop({ db, keyring });
    // The second has the id that the shopper's browser gave it.
    await commitEvents({ db, keyring }, shop, [
      purchase("11"),
      purchase("12", { eventId: "browser-12" }),
    ]);
    const receiver = await startReceiver();
    const document = documentOf(pendingResults());
    await queueCallback(openProcess(), { shop, url: receiver.url, document });
    await startWorker();
    const [waiting] = await eventually(async () => {
      const jobs = await comeDue();
      return jobs.some(({ waits }) => waits > 1) ? jobs : null;
    });
    expect(waiting?.shop).toBe(shop.domain);
    expect(receiver.received).toEqual([]);
    await db.pool.query(
      `update event set state = case source_key when '11' then 'accepted' else 'rejected' end,
        reason = case source_key when '12' then 'event_time is too old' end where shop_id = $1`,
      [shop.id.toString()],
    );
    const { body } = await eventually(async () => {
      await comeDue();
      return receiver.received[0];
    });
    expect(JSON.parse(body)).toMatchObject({
      ok: false,
      summary: { received: 3, accepted: 2, failed: 1, skipped: 0 },
      results: [
        { index: 0, status: "accepted" },
        { index: 1, status: "accepted", event_id: "order-11-checkout" },
        { index: 2, status: "failed", error: { code: "rejected" } },
      ],
    });
    expect(JSON.parse(body).summary).not.toHaveProperty("pending");
  });

  test("goes after a quarter of an hour as it is", async () => {
    const shop = await makeShop({ db, keyring });
    await commitEvents({ db, keyring }, shop, [purchase("11"), purchase("12")]);
    const receiver = await startReceiver();
    const document = documentOf(pendingResults());
    await queueCallback(openProcess(), { shop, url: receiver.url, document });
    await startWorker({ nowMs: () => Date.now() + 15 * 60_000 });
    const { body } = await eventually(() => receiver.received[0]);
    expect(JSON.parse(body)).toEqual(document);
  });

  test("tells nothing of another shop's event with the same id", async () => {
    const shop = await makeShop({ db, keyring });
    const other = await makeShop({ db, keyring });
    await commitEvents({ db, keyring }, other, [purchase("11"), purchase("12")]);
    await db.pool.query("update event set state = 'accepted' where shop_id = $1", [
      other.id.toString(),
    ]);
    const receiver = await startReceiver();
    const document = documentOf(pendingResults());
    await queueCallback(openProcess(), { shop, url: receiver.url, document });
    await startWorker({ nowMs: () => Date.now() + 15 * 60_000 });
    const { body } = await eventually(() => receiver.received[0]);
    expect(JSON.parse(body)).toEqual(document);
  });
});
