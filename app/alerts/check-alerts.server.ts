import type { Registry } from "prom-client";
import type { Config } from "#app/platform/env/env.server.ts";
import { readMailServer } from "#app/platform/env/mail-env.server.ts";
import { registerCounter } from "#app/platform/metrics.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import { createHostBreakers } from "#app/tasks/callback/host-breakers.server.ts";
import { type MessageServices, queueMessages, workOnMessages } from "./alert-messages.server.ts";
import { CAUSE_IDS, CAUSES, type Cause } from "./causes.server.ts";
import { beginAlert, endAlert, tellNewcomers, tidyAlerts } from "./change-alerts.server.ts";
import { type CheckedShop, readReadings, SLOW_EVERY } from "./read-readings.server.ts";
import { summariseDays } from "./summarise-days.server.ts";

const JOB = "check-alerts";
const CHECK_MINUTES = 5;
/** A page is one statement. */
const PAGE_SIZE = 100;

type CheckServices = Pick<MessageServices, "db" | "log" | "mail"> & {
  nowMs: () => number;
  /** The app has a key of its own at Shopify: its access ends with no session. */
  hasAppKey?: boolean;
};

/**
 * Looks at each installed shop: an alert begins where something is wrong, ends where it is right again,
 * and both are told once.
 * A shop fails alone. `slice`: which shops' slow readings are due; null: all.
 */
export async function checkAlerts(services: CheckServices, slice: number | null): Promise<void> {
  const now = new Date(services.nowMs());
  await workOnEach(services, {
    job: JOB,
    describe: ({ domain }) => ({ shop: domain }),
    readPage: (after, limit) => readReadings(services, now, { after, limit, slice }),
    work: (shop: CheckedShop) => checkShop(services, forKey(shop, services)),
    pageSize: PAGE_SIZE,
  });
  await tidyAlerts(services, now);
  await tellNewcomers(services, { hasMail: services.mail !== null });
}

function forKey(shop: CheckedShop, { hasAppKey = false }: CheckServices): CheckedShop {
  return hasAppKey && shop.slow ? { ...shop, slow: { ...shop.slow, sessionAt: null } } : shop;
}

async function checkShop(services: CheckServices, shop: CheckedShop): Promise<void> {
  const hasMail = services.mail !== null;
  for (const cause of CAUSE_IDS) {
    const rule: Cause = CAUSES[cause];
    const open = shop.open.find((one) => one.cause === cause);
    const verdict = rule.judge(shop);
    const change = { shopId: shop.id, cause, now: shop.now };
    const facts = { shop: shop.domain, cause };
    if (verdict.is === "on" && open?.isBegun !== true) {
      const begin = { rule, facts: verdict.facts, hasMail };
      if (await beginAlert(services, change, begin)) services.log.warn(facts, "an alert began");
    }
    if (verdict.is === "over" && open !== undefined) {
      if (await endAlert(services, change, { hasMail })) services.log.info(facts, "an alert ended");
    }
  }
}

/** Schedules it for every fifth minute, and sends what it adds. */
export async function scheduleAlerts({
  queue,
  registry,
  config,
  db,
  ...services
}: Omit<MessageServices, "db" | "mail" | "countSent" | "allowLoopback" | "config"> & {
  db: MessageServices["db"] & { upkeep: MessageServices["db"] };
  queue: Queue;
  registry: Registry;
  config: Config;
  nowMs: () => number;
}): Promise<void> {
  const sent = registerCounter(registry, {
    name: "alert_notifications_total",
    help: "Messages about the begin or end of an alert, by how they went out; failed: given up",
    labelNames: ["channel", "result"],
  });
  const all = {
    ...services,
    config,
    mail: readMailServer(config),
    hasAppKey: config.SHOPIFY_APP_PRIVATE_KEY !== undefined,
    allowLoopback: config.SHOPIFY_SANDBOX_URL !== undefined,
    countSent: (channel: string, result: string) => sent.inc({ channel, result }),
  };
  await queue.schedule(JOB, `*/${CHECK_MINUTES} * * * *`, async () => {
    const checks = Math.floor(services.nowMs() / (CHECK_MINUTES * 60_000));
    // A page of counters may take longer than a merchant's request may.
    await runEach(services, [
      () => checkAlerts({ ...all, db: db.upkeep }, checks % SLOW_EVERY),
      () => summariseDays({ ...all, db: db.upkeep }),
      () => queueMessages({ db, queue }),
    ]);
  });
  await workOnMessages({ ...all, db, queue, breakers: createHostBreakers() });
}

/** Runs all parts one after the other, whichever fail, and throws the first fault in the end. */
async function runEach(
  { log }: Pick<MessageServices, "log">,
  parts: (() => Promise<void>)[],
): Promise<void> {
  const faults: unknown[] = [];
  for (const part of parts) {
    try {
      await part();
    } catch (fault) {
      faults.push(fault);
    }
  }
  if (faults.length === 0) return;
  for (const err of faults.slice(1)) log.error({ job: JOB, err }, "a part of a job failed");
  throw faults[0];
}
