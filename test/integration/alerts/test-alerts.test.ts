import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sendTestAlert } from "#app/alerts/send-test-alert.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import { startReceiver } from "#test/support/callback-receiver.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { startMailServer } from "#test/support/mail-receiver.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";

const keyring = testKeyring();
let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

let shop: Awaited<ReturnType<typeof makeShop>>;
beforeEach(async () => {
  shop = await makeShop({ db, keyring });
});

/** Sends a test alert of the shop, as the page and the command do. */
function sendTest(changes: Partial<Parameters<typeof sendTestAlert>[0]>, settings: object) {
  const services = {
    db,
    keyring,
    config: { SHOPIFY_API_KEY: "the-key" } as Config,
    mail: null,
    allowLoopback: true,
    now: new Date(),
    randomId: randomUUID,
    ...changes,
  };
  const to = { domain: shop.domain, timeZone: null };
  return sendTestAlert(services, to, { alert_webhook_url: [], alert_emails: [], ...settings });
}

test("tests go to an email address three times an hour, from whichever shop and however it is written", async () => {
  const { mail, received } = await startMailServer();
  for (const address of ["Ann@acme.example", "ann@ACME.example", "ann@acme.example"]) {
    shop = await makeShop({ db, keyring });
    const { results } = await sendTest({ mail }, { alert_emails: [address] });
    expect(results[0]?.outcome).toEqual({ ok: true });
  }
  const { results } = await sendTest(
    { mail },
    { alert_emails: ["ann@acme.example", "bob@acme.example"] },
  );
  expect(results.map(({ outcome }) => outcome.ok)).toEqual([false, true]);
  expect(received).toHaveLength(4);
});

test("a shop tests three times in a row, however many ask at once, and again after twenty seconds", async () => {
  const receiver = await startReceiver();
  const ask = () => sendTest({}, { alert_webhook_url: [receiver.url] });
  const answers = await Promise.all(Array.from({ length: 5 }, ask));
  expect(answers.filter(({ waitSeconds }) => waitSeconds === 0)).toHaveLength(3);
  const longest = Math.max(...answers.map(({ waitSeconds }) => waitSeconds));
  expect(longest).toBeGreaterThan(0);
  expect(longest).toBeLessThanOrEqual(20);
  expect(receiver.received).toHaveLength(3);
  await db.pool.query("update alert_test set free_at = free_at - interval '20 seconds'");
  expect((await ask()).waitSeconds).toBe(0);
});

test("a test alert is not sent to a name that leads inside", async () => {
  const asked: string[] = [];
  const resolveName = async (name: string) => {
    asked.push(name);
    return [{ address: "169.254.169.254", family: 4 }];
  };
  const webhooks = {
    alert_webhook_url: ["https://hooks.example/x", "https://hooks.slack.com/y"],
  };
  const { results } = await sendTest({ resolveName, allowLoopback: false }, webhooks);
  expect(results.map(({ channel, outcome }) => [channel, outcome.ok])).toEqual([
    ["webhook", false],
    ["slack", false],
  ]);
  expect(asked.sort()).toEqual(["hooks.example", "hooks.slack.com"]);
});
