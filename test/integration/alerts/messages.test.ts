import { Registry } from "prom-client";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkAlerts, scheduleAlerts } from "#app/alerts/check-alerts.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import type { MailServer } from "#app/platform/env/mail-env.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { readCallbackSecret } from "#app/shops/callback-secret.server.ts";
import { zoneOfHour } from "#test/support/alert-fixture.ts";
import { startReceiver } from "#test/support/callback-receiver.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { startMailServer } from "#test/support/mail-receiver.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { openQueues } from "#test/support/queue-fixture.ts";

const SANDBOX = "http://127.0.0.1:1";
const keyring = testKeyring();
let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
const { lines, log, openQueue } = openQueues();
afterAll(() => db.close());

let shop: Awaited<ReturnType<typeof makeShop>>;
beforeEach(async () => {
  lines.length = 0;
  await db.pool.query("update shop set state = 'uninstalled'");
  shop = await makeShop({ db, keyring });
  await db.pool.query("update shop set time_zone = 'America/New_York' where id = $1", [
    shop.id.toString(),
  ]);
});

/** What the last process counted. */
let registry: Registry;

async function counted(): Promise<string[]> {
  const [metric] = await registry.getMetricsAsJSON();
  return (metric?.values ?? []).map(
    ({ labels, value }) => `${labels.channel} ${labels.result} ${value}`,
  );
}

/** A process that checks when it is told to, and sends what that adds. */
async function startProcess({
  mail = null,
  isSandbox = true,
}: {
  mail?: MailServer | null;
  isSandbox?: boolean;
} = {}) {
  const queue = openQueue(db);
  await queue.start();
  const config = {
    SHOPIFY_API_KEY: "the-key",
    ...(isSandbox && { SHOPIFY_SANDBOX_URL: SANDBOX }),
    ...mail,
  } as Config;
  registry = new Registry();
  const handlers: (() => Promise<void>)[] = [];
  const schedule: Queue["schedule"] = async (_name, _cron, handler) => {
    handlers.push(handler);
  };
  const services = { db, keyring, log, config, registry, nowMs: Date.now };
  await scheduleAlerts({ ...services, queue: { ...queue, schedule } });
  return async () => handlers[0]?.();
}

const change = (sql: string, ...values: unknown[]) =>
  db.pool.query(sql, [shop.id.toString(), ...values]);
const tell = (settings: object) => change("update shop set settings = $2 where id = $1", settings);
const stop = () =>
  change(
    "update connection set state = 'paused', pause_reason = 'unauthorized' where shop_id = $1",
  );
const setHour = (hour: number) =>
  change("update shop set time_zone = $2 where id = $1", zoneOfHour(hour));
const resume = () =>
  change("update connection set state = 'active', pause_reason = null where shop_id = $1");

/** Every message of the shop with how it ended, as soon as none waits. */
async function settled(): Promise<string[]> {
  return eventually(async () => {
    const { rows } = await db.pool.query(
      `select phase || ' ' || channel || ' ' || state || coalesce(' ' || address, '') as line, state
        from alert_message where shop_id = $1 order by id`,
      [shop.id.toString()],
    );
    return rows.some(({ state }) => state === "waiting") ? null : rows.map(({ line }) => line);
  });
}

const digests = async () =>
  (await change("select address_digest from alert_message where shop_id = $1")).rows.map(
    ({ address_digest }) => address_digest,
  );

/** A retry that waits for its time is due. */
const comeDue = () =>
  db.pool.query(
    "update pgboss.job set start_after = now() where name = 'send-alert' and state in ('created', 'retry')",
  );

test("what a merchant does without is shown and not sent, and a summary comes once a morning", async () => {
  const receiver = await startReceiver();
  const settings = { alert_webhook_url: [receiver.url], alert_connection: "off" };
  await tell({ ...settings, alert_daily: "on" });
  await change(
    `insert into count_bucket (shop_id, bucket, kind, source, state, reason, n)
      select $1, date_bin('15 minutes', now() - interval '1 day', 'epoch'), 'checkout', 'web', state, '', n
      from (values ('accepted', 41), ('rejected', 1)) v (state, n)`,
  );
  const check = await startProcess();
  await stop();
  await setHour(6);
  await check();
  expect(await settled()).toEqual([]);
  await setHour(12);
  await check();
  await check();
  expect(await settled()).toEqual(["begun webhook sent"]);
  const [{ body = "" } = {}] = receiver.received;
  expect(JSON.parse(String(body)).data).toMatchObject({
    cause: "daily_summary",
    title: expect.stringMatching(/: 42 events, 41 accepted by Pinterest$/),
    text: "1 refused, 0 too late, 0 waiting; your settings left out the rest.",
    next_step: "1 alert is open: see Home.",
  });
});

test("a summary is told also where every check fails", async () => {
  const receiver = await startReceiver();
  await tell({ alert_webhook_url: [receiver.url], alert_daily: "on" });
  const check = await startProcess();
  await stop();
  await setHour(12);
  await db.pool.query(
    "alter table alert add constraint planted check (cause <> 'connection_paused') not valid",
  );
  try {
    await expect(check()).rejects.toThrow();
  } finally {
    await db.pool.query("alter table alert drop constraint planted");
  }
  expect(await settled()).toEqual(["begun webhook sent"]);
});

test("who was told of a begin is told of the end, and nobody else, whatever is chosen meanwhile", async () => {
  const settings = { alert_webhook_url: [(await startReceiver()).url] };
  const check = await startProcess();
  for (const alert_connection of ["on", "off"]) {
    await tell({ ...settings, alert_connection });
    await stop();
    await check();
    await tell({ ...settings, alert_connection: alert_connection === "on" ? "off" : "on" });
    for (const step of [check, resume, check]) await step();
    expect(await settled()).toEqual(["begun webhook sent", "ended webhook sent"]);
  }
});

test("an address that takes another's place hears of what lasts and of its end; the other, no more", async () => {
  const [old, kept, next] = [await startReceiver(), await startReceiver(), await startReceiver()];
  const types = () =>
    [old, kept, next].map(({ received }) => received.map(({ body }) => JSON.parse(body).type));
  const check = await startProcess();
  await tell({ alert_webhook_url: [old.url, kept.url] });
  await stop();
  await check();
  await settled();
  await tell({ alert_webhook_url: [kept.url, next.url] });
  await check();
  await check();
  await settled();
  expect(types()).toEqual([["alert.begun"], ["alert.begun"], ["alert.begun"]]);
  await resume();
  await check();
  await settled();
  const [begun, ended] = ["alert.begun", "alert.ended"];
  expect(types()).toEqual([[begun], [begun, ended], [begun, ended]]);
  expect(await digests()).toEqual([null, null, null, null, null]);
});

test("the first address of a store hears of what lasts and of its end", async () => {
  const receiver = await startReceiver();
  const check = await startProcess();
  await stop();
  await check();
  await tell({ alert_webhook_url: [receiver.url] });
  for (const step of [check, check, resume, check]) await step();
  expect(await settled()).toEqual(["begun webhook sent", "ended webhook sent"]);
});

test("the end of what a version before told goes by channel, and its begin is told to nobody again", async () => {
  const receiver = await startReceiver();
  const check = await startProcess();
  await tell({ alert_webhook_url: ["https://10.0.0.8/old"] });
  await stop();
  await checkAlerts({ db, log, mail: null, nowMs: Date.now }, null);
  await change(
    "update alert_message set state = 'sent', address = null, address_digest = null where shop_id = $1",
  );
  await tell({ alert_webhook_url: [receiver.url] });
  for (const step of [check, resume, check]) await step();
  expect(await settled()).toEqual(["begun webhook sent", "ended webhook sent"]);
});

test("an alert that only a newer version knows is left for a worker that knows it", async () => {
  const receiver = await startReceiver();
  await tell({ alert_webhook_url: [receiver.url] });
  const check = await startProcess();
  await stop();
  await checkAlerts({ db, log, mail: null, nowMs: Date.now }, null);
  await change("update alert set cause = 'of_tomorrow', ended_at = begun_at where shop_id = $1");
  await tell({ alert_webhook_url: [receiver.url], alert_connection: "off" });
  await check();
  await eventually(() => lines.some((line) => line.includes("of another version")));
  await change(
    "update alert set cause = 'privacy_late' where shop_id = $1 and cause = 'of_tomorrow'",
  );
  await eventually(async () => (await comeDue()) && receiver.received.length === 1);
  expect(await settled()).toEqual(["begun webhook sent"]);
});

test("a webhook and an email hear of the begin and of the end, once each and signed", async () => {
  const receiver = await startReceiver();
  const { mail, received } = await startMailServer({ login: "pinrelay:secret" });
  const name = (ann: string) =>
    tell({ alert_webhook_url: [receiver.url], alert_emails: [ann, "bob@acme.example"] });
  await name("Ann@acme.example");
  const check = await startProcess({ mail });
  await stop();
  await check();
  await settled();
  await name("ann@acme.example");
  await check();
  expect(await settled()).toEqual(["begun webhook sent", "begun email sent", "begun email sent"]);
  for (const step of [resume, check, check]) await step();
  expect((await settled()).slice(3)).toEqual([
    "ended webhook sent",
    "ended email sent",
    "ended email sent",
  ]);
  expect((await counted()).toSorted()).toEqual(["email sent 4", "webhook sent 2"]);

  const secret = await readCallbackSecret({ db, keyring }, shop.domain);
  const documents = receiver.received.map(({ headers, body }) =>
    new Webhook(secret).verify(body, headers),
  );
  const link = `${SANDBOX}/store/${shop.domain.split(".")[0]}/apps/pinrelay/settings/connection`;
  const about = { shop: shop.domain, cause: "connection_paused", severity: "critical", link };
  const begun_at = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
  expect(documents).toEqual([
    {
      type: "alert.begun",
      timestamp: begun_at,
      data: {
        ...about,
        title: "Pinterest no longer accepts this connection",
        text: expect.stringContaining("password"),
        next_step: expect.stringContaining("Sign in again"),
        begun_at,
        ended_at: null,
      },
    },
    {
      type: "alert.ended",
      timestamp: begun_at,
      data: {
        ...about,
        title: "Over: Pinterest no longer accepts this connection",
        text: expect.any(String),
        next_step: "There is nothing you need to do.",
        begun_at,
        ended_at: begun_at,
      },
    },
  ]);

  expect(received.map(({ to }) => to).toSorted()).toEqual([
    "Ann@acme.example",
    "ann@acme.example",
    "bob@acme.example",
    "bob@acme.example",
  ]);
  const [first] = received;
  expect(first?.subject).toBe(`Pinterest no longer accepts this connection (${shop.domain})`);
  expect(first?.headers).toMatch(/^From: Pinrelay <alerts@pinrelay\.test>$/m);
  expect(first?.headers).toMatch(/^Message-ID: <msg_alert_\d+@pinrelay\.test>$/im);
  expect(first?.text).toMatch(/Since: \w{3} \d{1,2}, \d{1,2}:\d\d [AP]M E[SD]T\n/);
  expect(first?.text).toContain(`Open Pinrelay: ${link}\n`);
  // No address is kept once it was told, and none is in the log.
  expect(JSON.stringify(lines)).not.toContain("acme.example");
  expect(JSON.stringify(lines)).not.toContain("of-the-receiver");
});

test("a receiver that fails is tried again under the same id, and keeps none of the others waiting", async () => {
  const failing = await startReceiver((count) => ({ status: count === 1 ? 503 : 204 }));
  const healthy = await startReceiver();
  await tell({ alert_webhook_url: [failing.url, healthy.url] });
  const check = await startProcess();
  await stop();
  await check();
  await eventually(() => healthy.received.length === 1 && failing.received.length === 1);
  await eventually(async () => (await comeDue()) && failing.received.length === 2);
  expect(await settled()).toEqual(["begun webhook sent", "begun webhook sent"]);
  expect(failing.received[0]?.headers["webhook-id"]).toBe(
    failing.received[1]?.headers["webhook-id"],
  );
  expect(healthy.received).toHaveLength(1);
});

test("one that can't be told is given up after its tries, and Activity says so without its key", async () => {
  const gone = await startReceiver(() => ({ status: 500 }));
  const { mail } = await startMailServer({ refuse: new Set(["no@acme.example"]) });
  await tell({ alert_webhook_url: [gone.url], alert_emails: ["no@acme.example"] });
  const check = await startProcess({ mail });
  await stop();
  await check();
  await eventually(() => gone.received.length === 1);
  await eventually(async () => {
    await db.pool.query(
      "update pgboss.job set retry_count = 8, start_after = now() where name = 'send-alert' and state = 'retry'",
    );
    return gone.received.length === 2;
  });
  expect(await settled()).toEqual(["begun webhook failed", "begun email failed"]);
  expect((await counted()).toSorted()).toEqual(["email failed 1", "webhook failed 1"]);
  const { rows } = await db.pool.query(
    "select after from audit_entry where shop_id = $1 and action = 'alert.give_up' order by after->>'channel'",
    [shop.id.toString()],
  );
  const cause = "connection_paused";
  expect(rows.map(({ after }) => after)).toEqual([
    { cause, channel: "email", why: "The mail server refuses this address (550). Correct it." },
    {
      cause,
      channel: "webhook",
      host: new URL(gone.url).host,
      why: "The receiver answered 500; it has to answer 2xx. See its log.",
    },
  ]);
  await resume().then(check);
  expect(await settled()).toHaveLength(2);
});

test("a wrong login of the operator's is no fault of the address, and is tried again", async () => {
  const { mail, received } = await startMailServer({ login: "pinrelay:secret" });
  const wrong = { ...mail, SMTP_URL: mail.SMTP_URL.replace("secret", "wrong") };
  await tell({ alert_emails: ["ann@acme.example"] });
  const check = await startProcess({ mail: wrong });
  await stop();
  await check();
  await eventually(() =>
    lines.some((line) => line.includes("does not accept Pinrelay's login (535)")),
  );
  expect(received).toEqual([]);
  const { rows } = await db.pool.query("select state from alert_message where shop_id = $1", [
    shop.id.toString(),
  ]);
  expect(rows).toEqual([{ state: "waiting" }]);
});

describe("nothing is sent", () => {
  test("to this machine and its network outside the sandbox, whatever the settings say", async () => {
    const inside = await startReceiver();
    await tell({ alert_webhook_url: [inside.url, "https://127.0.0.1/x", "https://10.0.0.8/x"] });
    const check = await startProcess({ isSandbox: false });
    await stop();
    await check();
    expect(await settled()).toEqual(Array(3).fill("begun webhook failed"));
    expect(inside.received).toEqual([]);
  });

  test("to an address that was taken out meanwhile, nor of a shop that left", async () => {
    const receiver = await startReceiver();
    await tell({ alert_webhook_url: [receiver.url] });
    const check = await startProcess();
    await stop();
    await checkAlerts({ db, log, mail: null, nowMs: Date.now }, null);
    await tell({});
    await check();
    expect(await settled()).toEqual(["begun webhook dropped"]);
    expect(receiver.received).toEqual([]);
    expect(await digests()).toEqual([expect.any(String)]);
    await change("update shop set state = 'uninstalled' where id = $1");
    await check();
    expect(await digests()).toEqual([null]);
  });

  test("by email where the operator has no mail server", async () => {
    await tell({ alert_emails: ["ann@acme.example"] });
    const check = await startProcess();
    await stop();
    await check();
    expect(await settled()).toEqual([]);
  });
});
