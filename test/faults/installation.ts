import { execFile } from "node:child_process";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { startEmbeddedPostgres } from "#app/platform/postgres/embedded-postgres.server.ts";
import { LOGIN } from "#app/platform/postgres/make-login.server.ts";
import { type DataFolder, makeDataFolder } from "#test/processes/data-folder.ts";
import { SECRET, sandboxEnv } from "#test/processes/sandbox-app.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { type FreezableWay, openFreezableWay } from "#test/support/freezable-way.ts";
import { eventually } from "#test/support/poll.ts";
import { asSuperuser } from "./copy-cluster.ts";
import { type Death, type SupervisedApp, superviseApp } from "./supervised-app.ts";

/** An installation as it stands in production: web and worker processes, a database, a Pinterest. */
export interface Installation {
  folder: DataFolder;
  pinterest: LocalPinterest;
  db: Database;
  /** Postgres' data folder, in which its socket lies. */
  cluster: string;
  /** The way of all processes to the database, where the options asked for one. */
  way: FreezableWay | null;
  /** Shopify's side, where the options asked for one. */
  shopify: LocalShopify | null;
  env: Record<string, string>;
  apps: SupervisedApp[];
  webs: SupervisedApp[];
  workers: SupervisedApp[];
  /** Processes that were killed, in order. */
  deaths: Death[];
  /** The next process that reaches the point dies there. */
  arm(point: string): Promise<void>;
  /** Ends Postgres as the signal does: SIGKILL at once, SIGQUIT without a checkpoint, SIGINT in order. */
  endPostgres(signal: "SIGKILL" | "SIGQUIT" | "SIGINT"): Promise<void>;
  startPostgres(): Promise<void>;
  postgresPid(): Promise<number | null>;
  /** Statements outside of any transaction, as the database's owner. */
  asSuperuser(statements: readonly string[]): Promise<void>;
  untilReady(): Promise<void>;
  /** Done when the installation is closed, the last one first. */
  closing: (() => Promise<unknown>)[];
  close(): Promise<void>;
}

export interface InstallationOptions {
  webs?: number;
  workers?: number;
  /** Postgres' settings, as `alter system` takes them. */
  postgres?: Record<string, string>;
  env?: Record<string, string>;
  keepEvents?: boolean;
  /** So slow that at most moments some batch is under way. */
  latencyMs?: number;
  /** Postgres lies on a disk of its own, of this size. */
  diskMegabytes?: number;
  /** All processes reach the database by a way that can be cut off and moved. */
  hasWay?: boolean;
  hasShopify?: boolean;
}

function loginUrl(socketFolder: string): string {
  return `postgresql://${LOGIN}@localhost/postgres?host=${encodeURIComponent(socketFolder)}`;
}

export async function openInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const { latencyMs = 120, keepEvents = true } = options;
  const folder = await makeDataFolder();
  const { dataDir } = folder;
  const cluster = path.join(dataDir, "pg");
  const faultsFolder = path.join(dataDir, "..", "faults");
  await mkdir(faultsFolder);
  await chmod(faultsFolder, 0o777);
  const closing: Installation["closing"] = [];
  if (options.diskMegabytes) closing.push(await mountDisk(dataDir, options.diskMegabytes));
  const pinterest = await startLocalPinterest({ latencyMs, keepEvents });
  await startEmbeddedPostgres(dataDir);
  const runAsSuperuser = (statements: readonly string[]) =>
    asSuperuser(cluster, async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  const settings = Object.entries(options.postgres ?? {});
  await runAsSuperuser([
    ...settings.map(([name, value]) => `alter system set ${name} = '${value}'`),
    "select pg_reload_conf()",
  ]);
  const straight = loginUrl(cluster);
  const way = options.hasWay ? await openFreezableWay(straight) : null;
  if (way !== null) closing.push(way.close);
  const DATABASE_URL = way?.url ?? straight;
  const db = await openDatabase({ DATABASE_URL, DATA_DIR: dataDir });
  const shopify = options.hasShopify ? await openShopify() : null;
  if (shopify !== null) closing.push(shopify.close);
  const env = {
    ...sandboxEnv(pinterest, { DATA_DIR: dataDir, DATABASE_URL }),
    ...(shopify && { SHOPIFY_SANDBOX_URL: shopify.url }),
    ...options.env,
  };
  const deaths: Death[] = [];
  const launch = (role: "web" | "worker", count: number) =>
    Array.from({ length: count }, (_, index) =>
      superviseApp({
        name: `${role}-${index + 1}`,
        role,
        env,
        faultsFolder,
        onDeath: (death) => deaths.push(death),
      }),
    );
  const webs = await Promise.all(launch("web", options.webs ?? 2));
  const workers = await Promise.all(launch("worker", options.workers ?? 2));
  const apps = [...webs, ...workers];
  const pidOfPostgres = () => folder.postmasterPid(cluster);
  await Promise.all(apps.map((app) => app.untilReady()));
  return {
    folder,
    pinterest,
    db,
    cluster,
    way,
    shopify,
    env,
    apps,
    webs,
    workers,
    deaths,
    arm: (point) => writeFile(path.join(faultsFolder, point), ""),
    async endPostgres(signal) {
      const pid = await pidOfPostgres();
      if (pid === null) throw new Error("no Postgres runs");
      process.kill(pid, signal);
      await eventually(async () => (await pidOfPostgres()) === null, { deadlineMs: 60_000 });
    },
    postgresPid: pidOfPostgres,
    asSuperuser: runAsSuperuser,
    async startPostgres() {
      await startEmbeddedPostgres(dataDir);
    },
    async untilReady() {
      await Promise.all(apps.map((app) => app.untilReady()));
    },
    closing,
    async close() {
      await Promise.all(apps.map((app) => app.close()));
      await db.close();
      await pinterest.close();
      await folder.crashPostgres().catch(() => {});
      for (const end of closing.toReversed()) await end();
      await folder.remove();
      await rm(faultsFolder, { recursive: true, force: true });
    },
  };
}

function openShopify(): Promise<LocalShopify> {
  return startLocalShopify({ apiKey: "sandbox-key", apiSecret: SECRET, timeScale: 0.001 });
}

/** A disk that can be full; only root can have one. */
async function mountDisk(folder: string, megabytes: number): Promise<() => Promise<unknown>> {
  const run = promisify(execFile);
  await mkdir(folder);
  await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
  // The children of a killed Postgres have it open for a moment longer.
  return () => run("umount", ["-l", folder]);
}
