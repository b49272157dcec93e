import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { startEmbeddedPostgres } from "#app/platform/postgres/embedded-postgres.server.ts";
import { LOGIN } from "#app/platform/postgres/make-login.server.ts";
import { type DataFolder, makeDataFolder } from "#test/processes/data-folder.ts";
import { sandboxEnv } from "#test/processes/sandbox-app.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { eventually } from "#test/support/poll.ts";
import { type Death, type SupervisedApp, superviseApp } from "./supervised-app.ts";

/** An installation as it stands in production: web and worker processes, a database, a Pinterest. */
export interface Installation {
  folder: DataFolder;
  pinterest: LocalPinterest;
  db: Database;
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
  /** Where the data folder lies; default a folder of its own. */
  dataDir?: string;
  /** The way of the processes to the database, by the address that leads there straight. */
  way?: (databaseUrl: string) => Promise<string>;
}

function loginUrl(socketFolder: string, user = LOGIN): string {
  return `postgresql://${user}@localhost/postgres?host=${encodeURIComponent(socketFolder)}`;
}

export async function openInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const { latencyMs = 120, keepEvents = true } = options;
  const folder = await makeDataFolder();
  const dataDir = options.dataDir ?? folder.dataDir;
  const socketFolder = path.join(dataDir, "pg");
  const faultsFolder = path.join(folder.dataDir, "..", "faults");
  await mkdir(faultsFolder);
  await chmod(faultsFolder, 0o777);
  const pinterest = await startLocalPinterest({ latencyMs, keepEvents });
  const db = await openDatabase({ DATA_DIR: dataDir });
  const settings = Object.entries(options.postgres ?? {});
  await runAsSuperuser(socketFolder, [
    ...settings.map(([name, value]) => `alter system set ${name} = '${value}'`),
    "select pg_reload_conf()",
  ]);
  const straight = loginUrl(socketFolder);
  const env = {
    ...sandboxEnv(pinterest, {
      DATA_DIR: dataDir,
      DATABASE_URL: (await options.way?.(straight)) ?? straight,
    }),
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
  const pidOfPostgres = () => folder.postmasterPid(socketFolder);
  await Promise.all(apps.map((app) => app.untilReady()));
  return {
    folder,
    pinterest,
    db,
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
    asSuperuser: (statements) => runAsSuperuser(socketFolder, statements),
    async startPostgres() {
      await startEmbeddedPostgres(dataDir);
    },
    async untilReady() {
      await Promise.all(apps.map((app) => app.untilReady()));
    },
    async close() {
      await Promise.all(apps.map((app) => app.close()));
      await db.close();
      await pinterest.close();
      const pid = await pidOfPostgres();
      if (pid !== null) process.kill(pid, "SIGKILL");
      await folder.remove();
      await rm(faultsFolder, { recursive: true, force: true });
    },
  };
}

async function runAsSuperuser(folder: string, statements: readonly string[]): Promise<void> {
  const admin = new pg.Client({ connectionString: loginUrl(folder, "postgres") });
  await admin.connect();
  try {
    for (const statement of statements) await admin.query(statement);
  } finally {
    await admin.end();
  }
}
