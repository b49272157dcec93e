import { closeSync, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { PinterestSummary } from "#test/bench/processes/local-pinterest.ts";
import { startProcess } from "#test/bench/start-process.ts";
import { SECRET } from "#test/processes/sandbox-app.ts";
import { untilDrained } from "#test/processes/until-drained.ts";
import { createRandom } from "#test/sandbox/sample-random.ts";
import { createWebhookSender } from "#test/sandbox/shopify/deliver-webhooks.ts";
import { type Installation, openInstallation } from "../installation.ts";
import { makeSceneShops } from "../scene-shops.ts";
import { fastOrders } from "./fast-orders.ts";
import type { Figure } from "./figure.ts";

const SHOPS = 24;
const CONNECTIONS = 160;
const RETRY_MS = 100;
const PROGRESS_MS = 10_000;
const POINTS = [
  "webhook insert sent",
  "webhook committed",
  "webhook answered",
  "accounts claimed",
  "request sent",
  "answer read",
  "batch half settled",
];
/** Each so many kills one is of Postgres. */
const POSTGRES_EVERY = 5;

/**
 * Takes so many webhooks while processes and Postgres are killed, one every so many, and then looks
 * for every id that is in the client's file.
 */
export async function measureLosses(acks: number, kills: number, seed: number): Promise<Figure[]> {
  const pinterest = await startProcess<{ url: string }>("local-pinterest.ts", {
    LATENCY_MS: "100",
  });
  const installation = await openInstallation({
    env: { PINTEREST_API_URL: pinterest.ready.url, LOG_LEVEL: "error" },
  });
  try {
    const file = path.join(installation.folder.dataDir, "..", "acknowledged");
    const taken = await takeUnderFire(installation, file, { acks, kills, seed });
    console.log(`${acks} acknowledged in ${taken.seconds} s, ${taken.killed} kills; now it drains`);
    await untilDrained(installation.db);
    const lost = await countLost(installation, file);
    const seen = await pinterest.ask<PinterestSummary>("summary");
    const { rows } = await installation.db.pool.query<{ orders: bigint; accepted: bigint }>(
      `select count(distinct order_id) as orders, count(*) filter (where state = 'accepted') as accepted
        from event`,
    );
    const { orders = 0n, accepted = 0n } = rows[0] ?? {};
    const under = `${acks} acknowledgements and ${taken.killed} kills, ${taken.seconds} s`;
    return [
      {
        what: "acknowledged webhooks lost",
        value: `${lost} (${under})`,
        goal: "0",
        isReached: lost === 0 && taken.killed >= kills,
      },
      {
        what: "event ids of an order",
        value: `${orders} orders, ${seen.accepted} event ids at Pinterest, ${accepted} settled as accepted, ${seen.duplicates} repeats under the same id, ${seen.violations} under another body`,
        goal: "exactly 1",
        isReached: BigInt(seen.accepted) === orders && accepted === orders && seen.violations === 0,
      },
    ];
  } finally {
    await installation.close();
    await pinterest.stop();
  }
}

async function takeUnderFire(
  installation: Installation,
  file: string,
  { acks, kills, seed }: { acks: number; kills: number; seed: number },
): Promise<{ seconds: number; killed: number }> {
  const random = createRandom(seed);
  const next = fastOrders(await makeSceneShops(installation, SHOPS));
  const { webs, deaths } = installation;
  let tries = 0;
  let acknowledged = 0;
  let ofPostgres = 0;
  const sender = createWebhookSender({
    secret: SECRET,
    target: () => `${webs[tries++ % webs.length]?.url}/webhooks`,
    timeScale: 0,
    connections: CONNECTIONS,
  });
  const descriptor = openSync(file, "a");
  const startedAt = Date.now();

  async function sendOrders(): Promise<void> {
    while (acknowledged < acks) {
      const { id, shop, body, topic } = next();
      for (;;) {
        const { status } = await sender.deliver(topic, shop, body, { webhookId: id, retries: 0 });
        if (status === 200) break;
        await wait(RETRY_MS);
      }
      writeSync(descriptor, `${id}\n`);
      acknowledged += 1;
    }
  }

  async function kill(): Promise<void> {
    for (let killed = 0; killed < kills; killed += 1) {
      const at = Math.floor(((killed + 0.5) * acks) / kills);
      while (acknowledged < at) await wait(20);
      if (killed % POSTGRES_EVERY !== 2) await installation.arm(random.pick(POINTS));
      else {
        ofPostgres += 1;
        await installation.endPostgres("SIGQUIT");
        await installation.startPostgres();
      }
    }
  }

  const progress = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    console.log(`${seconds} s: ${acknowledged} acknowledged, ${deaths.length + ofPostgres} kills`);
  }, PROGRESS_MS);
  try {
    await Promise.all([kill(), ...Array.from({ length: CONNECTIONS }, sendOrders)]);
  } finally {
    clearInterval(progress);
    closeSync(descriptor);
    await sender.close();
  }
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  return { seconds, killed: deaths.length + ofPostgres };
}

const IDS_AT_ONCE = 20_000;

/** How many ids of the client's file no receipt has. */
async function countLost({ db }: Installation, file: string): Promise<number> {
  const ids = (await readFile(file, "utf8")).split("\n").slice(0, -1);
  let lost = 0;
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const { rows } = await db.upkeep.pool.query<{ lost: bigint }>(
      `select count(*) as lost from unnest($1::text[]) given
        where not exists (select from receipt where webhook_id = given)`,
      [ids.slice(from, from + IDS_AT_ONCE)],
    );
    lost += Number(rows[0]?.lost ?? 0n);
  }
  return lost;
}
