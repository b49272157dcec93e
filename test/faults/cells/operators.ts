import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import type { Cell } from "#test/faults/cell.ts";
import { copyCluster } from "#test/faults/copy-cluster.ts";
import { expectOrder, nextOrderId, webhookOf } from "#test/faults/order-traffic.ts";
import type { Scene } from "#test/faults/scene.ts";
import { makeSceneShops, openInAdmin } from "#test/faults/scene-shops.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { eventually } from "#test/support/poll.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");

/** What an operator types, in the environment of the processes: what the command said. */
async function pinrelay(env: Record<string, string>, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["app/pinrelay.mjs", ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, PINRELAY_ENV_FILE: "none", ...env } as NodeJS.ProcessEnv,
  });
  return stdout;
}

const newKey = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const K1 = newKey("k1");
const K2 = newKey("k2");
const BACKLOG = 120;

/** As docs/operations.md says it: to the end, to the front, wrapped anew, and gone. */
async function rotateKeys(scene: Scene): Promise<void> {
  const { installation, shops, client, isPlanted } = scene;
  const { webs, workers, env, db } = installation;
  await Promise.all(workers.map((worker) => worker.end("SIGTERM", { isHeld: true })));
  await client.untilMore(BACKLOG);
  for (const ENCRYPTION_KEYS of [`${K1},${K2}`, `${K2},${K1}`]) {
    for (const web of webs) await web.restart({ ENCRYPTION_KEYS });
  }
  const rotating = { ...env, ENCRYPTION_KEYS: `${K2},${K1}` };
  // The load goes on with stores that come meanwhile as well.
  shops.push(...(await makeSceneShops({ db, env: rotating }, 2)));
  await client.untilMore(20);
  if (!isPlanted) {
    const said = await pinrelay(rotating, "keys", "rotate");
    if (!said.includes("k1 may be removed")) throw new Error(`the keys are not rotated: ${said}`);
  }
  for (const app of installation.apps) await app.restart({ ENCRYPTION_KEYS: K2 });
}

/** So old the backup is by the clocks of the app, which run behind until it is made; Postgres' own cannot be moved. */
const BACKUP_AGE_MS = 3_600_000;
/** As in clock.ts. */
const CLOCK_TAKEN_UP_MS = 300;
/** Before the load: the orders of the hour after the backup, which reconciliation no longer leaves to their webhooks. */
const RETURN_MS = 40 * 60_000;

/** Orders of a while ago, which Shopify has. */
function earlierOrders({
  installation,
  shops,
  expected,
}: Pick<Scene, "installation" | "shops" | "expected">) {
  let count = 0;
  return () => {
    const shop = shops[count % shops.length];
    if (shop === undefined) return null;
    count += 1;
    const createdAt = new Date(Date.now() - RETURN_MS);
    const body = orderBody({ id: nextOrderId(), lineCount: 1, createdAt });
    installation.shopify?.records.putOrder(shop.domain, body);
    const webhook = webhookOf(shop, body);
    expected.set(webhook.id, expectOrder(shop, body));
    return webhook;
  };
}

/** The database is lost with all that came after its backup, and is brought back as it was then. */
async function restore(scene: Scene): Promise<void> {
  const { installation, shops, client, isPlanted } = scene;
  const { apps, cluster, env, folder, pinterest } = installation;
  for (const { domain } of shops) await openInAdmin(installation, domain);
  const backup = path.join(folder.dataDir, "..", "backup");
  const setClocks = (byMs: number) => Promise.all(apps.map((app) => app.setClock(byMs)));
  scene.clockBehindSeconds = BACKUP_AGE_MS / 1_000;
  await setClocks(-BACKUP_AGE_MS);
  await wait(CLOCK_TAKEN_UP_MS);
  await client.untilMore(20);
  const from = Date.now();
  await copyCluster(cluster, backup);
  await setClocks(0);
  await wait(CLOCK_TAKEN_UP_MS);
  const { acceptedCount } = pinterest.ledger;
  await client.untilMore(60);
  await eventually(() => pinterest.ledger.acceptedCount > acceptedCount, { deadlineMs: 60_000 });
  await Promise.all(apps.map((app) => app.end("SIGKILL", { isHeld: true })));
  await installation.endPostgres("SIGKILL");
  scene.forgotten = { from, until: Date.now() };
  await rm(cluster, { recursive: true });
  await rename(backup, cluster);
  await installation.startPostgres();
  await Promise.all(apps.map((app) => app.release()));
  await installation.untilReady();
  await client.untilMore(20);
  if (isPlanted) return;
  const since = new Date(from - 2 * RETURN_MS).toISOString();
  for (const { domain } of shops) {
    await pinrelay(env, "reconcile", "--shop", domain, "--since", since);
  }
}

export const operatorCells: Cell[] = [
  {
    name: "keys are rotated under a backlog, and the old one is gone",
    kind: "operator",
    own: { env: { ENCRYPTION_KEYS: K1 } },
    plant: "the old key goes before the data keys are wrapped anew",
    fault: rotateKeys,
    async also(_observed, { installation }) {
      const { rows } = await installation.db.pool.query(
        "select shop_id from shop_key where key_id <> 'k2'",
      );
      return rows.map(({ shop_id: id }) => `the data key of shop ${id} is not wrapped by k2`);
    },
  },
  {
    name: "the database is restored from an earlier backup, and orders are compared",
    kind: "operator",
    own: { hasShopify: true },
    plant: "no orders are compared",
    load: { shops: 3, pauseMs: 300, traffic: earlierOrders },
    fault: restore,
  },
];
