import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoredAs, VerifiedWebhook } from "#app/intake/store-webhooks.server.ts";
import { openStoreThread } from "#app/intake/thread/open-store-thread.server.ts";
import type { ThreadStart } from "#app/intake/thread/thread-messages.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createLogger, type Logger } from "#app/platform/logger.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, readStates } from "#test/support/outbox-fixture.ts";

const KEYS: ThreadStart["keys"] = [{ id: "test", key: Buffer.alloc(32, 7) }];
const log = createLogger("silent");

let db: TestDatabase;
let shop: Awaited<ReturnType<typeof makeShop>>;
beforeAll(async () => {
  db = await openTestDatabase();
  shop = await makeShop({ db, keyring: createKeyring(KEYS) });
});
afterAll(() => db.close());

function start(changes: Partial<ThreadStart> = {}): ThreadStart {
  return { target: { connectionString: db.url }, keys: KEYS, logLevel: "silent", ...changes };
}

const openWebhookThread = (given: ThreadStart, to: Logger) =>
  openStoreThread<VerifiedWebhook, StoredAs>("intake", given, to);

let sent = 0;
function webhook(body: string): VerifiedWebhook {
  sent += 1;
  const webhookId = `thread-${sent}`;
  const headers = {
    topic: "orders/create",
    shopDomain: shop.domain,
    webhookId,
    triggeredAt: new Date(),
  };
  return { headers, body: Buffer.from(body) };
}

const order = (id: string) => webhook(JSON.stringify(orderBody({ id })));

test("each webhook of a group gets its own answer from the thread, and groups reuse their memory", async () => {
  const thread = openWebhookThread(start(), log);
  try {
    const first = await thread.store([order("9001"), webhook("[]"), webhook('{"id":"x"}')]);
    const second = await thread.store([order("9002"), order("9001")]);
    expect(first).toEqual(["stored", "not_an_object", "unreadable"]);
    expect(second).toEqual(["stored", "duplicate"]);
  } finally {
    await thread.close();
  }
  const ids = (await readStates(db, shop.id)).map((event) => event.event_id);
  expect(ids).toContain("order-9001-checkout");
  expect(ids).toContain("order-9002-checkout");
});

test("a database that is down is said by its code, and nothing counts as stored", async () => {
  const thread = openWebhookThread(start({ target: { host: "/nonexistent" } }), log);
  try {
    await expect(thread.store([order("9003")])).rejects.toMatchObject({ code: "ENOENT" });
  } finally {
    await thread.close();
  }
});

test("a thread that ends by a fault loses no later webhook: the next group starts another", async () => {
  const faulty = start({ keys: [] as never });
  const thread = openWebhookThread(faulty, log);
  try {
    const lost = thread.store([order("9004")]);
    await expect(lost).rejects.toMatchObject({ code: "thread_ended" });
    faulty.keys = KEYS;
    expect(await thread.store([order("9004")])).toEqual(["stored"]);
  } finally {
    await thread.close();
  }
});

/** How far the threads of this process with this name step back behind others: `nice` in Linux. */
function nicenessOf(name: string): number[] {
  return readdirSync("/proc/self/task").flatMap((id) => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, "utf8");
    const after = stat.lastIndexOf(")");
    const isNamed = stat.slice(stat.indexOf("(") + 1, after) === name;
    return isNamed ? [Number(stat.slice(after + 2).split(" ")[16])] : [];
  });
}

test.runIf(process.platform === "linux")(
  "what pixels send steps back behind webhooks where processors are short, and nothing else does",
  async () => {
    const pixel = openStoreThread("pixel", start(), log);
    const intake = openWebhookThread(start(), log);
    try {
      await Promise.all([pixel.store([]), intake.store([])]);
      expect(nicenessOf("pixel")).toEqual([10]);
      expect(nicenessOf("intake")).toEqual([0]);
      expect(os.getPriority(process.pid)).toBe(0);
    } finally {
      await Promise.all([pixel.close(), intake.close()]);
    }
  },
);

test("what pixels send is stored also where the system lets no thread step back", async () => {
  const thread = new URL("../../../app/intake/thread/pixel-thread.server.ts", import.meta.url);
  // As a container's seccomp profile does.
  const refused = `const os = require("node:os");
    os.setPriority = () => { throw new Error("EPERM"); };
    import(${JSON.stringify(thread.href)});`;
  const worker = new Worker(refused, { eval: true, workerData: start() });
  const answers = once(worker, "message");
  worker.postMessage("probe");
  expect(await answers).toEqual([{ takesWrites: true }]);
  worker.postMessage("close");
  await once(worker, "exit");
});
