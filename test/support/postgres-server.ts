import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { openDatabase } from "#app/platform/db.server.ts";
import { startEmbeddedPostgres } from "#app/platform/postgres/embedded-postgres.server.ts";
import { eventually } from "./poll.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The address of the tests' Postgres. */
    postgresFolder: string;
  }
}

export const TEMPLATE = "pinrelay_template";

export function databaseUrl(folder: string, database: string): string {
  return `postgresql://postgres@localhost/${database}?host=${encodeURIComponent(folder)}`;
}

/**
 * One real Postgres for a run of the tests, and a migrated database in it that each test file copies.
 * It does not wait for the disk, a quarter of what it costs: that guards against a machine without
 * power, which no test takes away. After a failure the folder stays as evidence.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "pinrelay-test-"));
  const postgres = await startEmbeddedPostgres(dataDir);
  const { host } = postgres.connection;
  await makeTemplate(host);
  project.provide("postgresFolder", host);

  return async () => {
    await postgres.stop();
    // A connection that a test left open keeps the app from stopping it: it is ours to stop.
    const pidFile = path.join(dataDir, "pg", "postmaster.pid");
    const pid = Number.parseInt(await readFile(pidFile, "utf8").catch(() => ""), 10);
    if (pid > 1) process.kill(pid, "SIGINT");
    await eventually(() => !existsSync(pidFile));
    if (project.vitest.state.getCountOfFailedTests() > 0) {
      console.log(`The databases of this run are kept. To look at them: DATA_DIR=${dataDir}`);
    } else {
      // Its children may write for a moment longer.
      await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  };
}

async function makeTemplate(folder: string): Promise<void> {
  const admin = new pg.Client({ connectionString: databaseUrl(folder, "postgres") });
  await admin.connect();
  await admin.query("alter system set fsync = off");
  await admin.query("select pg_reload_conf()");
  await admin.query(`create database ${TEMPLATE}`);
  const template = await openDatabase({
    DATABASE_URL: databaseUrl(folder, TEMPLATE),
    DATA_DIR: "unused",
  });
  await template.close();
  // Postgres copies a database only without connections, autovacuum's included.
  await admin.query(`alter database ${TEMPLATE} is_template true allow_connections false`);
  await admin.end();
}
