import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chown, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { loadBinaries } from "#app/platform/postgres/postgres-process.server.ts";
import { choosePostgresUser } from "#app/platform/postgres/postgres-user.server.ts";
import { eventually } from "#test/support/poll.ts";
import { databaseUrl } from "#test/support/postgres-server.ts";

/** A Postgres as an operator has one beside the app: the app knows nothing but its address. */
export interface PlainPostgres {
  /** Of the database `pinrelay`, which is empty, as the user who owns it and may make roles. */
  url: string;
  stop(): Promise<void>;
}

export interface Programs {
  initdb: string;
  postgres: string;
  /** Why `pg_dump` cannot read this server; null if it can. */
  noDump: string | null;
}

/** `pg_dump` reads no server that is newer than itself: the one that came with it, if there is one. */
export function choosePrograms(): Programs {
  let version: string;
  try {
    version = execFileSync("pg_dump", ["--version"], { encoding: "utf8" });
  } catch {
    return { ...loadBinaries(), noDump: "there is no pg_dump" };
  }
  const major = /\d+/.exec(version)?.[0];
  const folder = `/usr/lib/postgresql/${major}/bin`;
  const programs = { initdb: path.join(folder, "initdb"), postgres: path.join(folder, "postgres") };
  if (existsSync(programs.postgres)) return { ...programs, noDump: null };
  return { ...loadBinaries(), noDump: `there is no server of pg_dump's version ${major}` };
}

export async function startPlainPostgres(
  home: string,
  { initdb, postgres }: Programs,
): Promise<PlainPostgres> {
  await mkdir(home);
  const user = await choosePostgresUser(path.join(home, "data"));
  if (user !== null) await chown(home, user.uid, user.gid);
  const options = { cwd: "/", ...(user && { uid: user.uid, gid: user.gid }) };
  const folder = path.join(home, "data");
  const kind = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"];
  await promisify(execFile)(initdb, [...kind, "--pgdata", folder], options);
  const settings = ["-k", home, "-c", "listen_addresses=", "-c", "log_min_messages=fatal"];
  const server = spawn(postgres, ["-D", folder, ...settings], {
    ...options,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(server, "exit");
  const isReady = async () => {
    const state = await readFile(path.join(folder, "postmaster.pid"), "utf8");
    return state.trimEnd().endsWith("ready");
  };
  await eventually(isReady, { deadlineMs: 60_000 });
  await makeDatabase(home);
  return {
    url: databaseUrl(home, "pinrelay").replace("postgres@", "pinrelay@"),
    async stop() {
      server.kill("SIGINT");
      await ended;
    },
  };
}

async function makeDatabase(home: string): Promise<void> {
  const admin = new pg.Client({ connectionString: databaseUrl(home, "postgres") });
  try {
    await admin.connect();
    await admin.query("create role pinrelay login createrole");
    await admin.query("create database pinrelay owner pinrelay");
  } finally {
    await admin.end();
  }
}
