import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startEmbeddedPostgres } from "#app/platform/postgres/embedded-postgres.server.ts";
import {
  type NodeProcess,
  type NodeProcessOptions,
  startNode,
} from "#test/support/node-process.ts";
import { eventually } from "#test/support/poll.ts";

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let home: string;
let dataDir: string;
let started: NodeProcess[];

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "pinrelay-embedded-"));
  await chmod(home, 0o711);
  dataDir = path.join(home, "data");
  started = [];
});
afterEach(async () => {
  for (const { pid } of started) await killAndAwait(pid);
  const postmaster = await postmasterPid();
  if (postmaster !== null) await killAndAwait(postmaster);
  await rm(home, { recursive: true, force: true });
});

async function openInProcess(options: NodeProcessOptions = {}): Promise<NodeProcess> {
  const opened = startNode("test/support/database-process.ts", {
    ...options,
    env: { DATA_DIR: dataDir, TMPDIR: home },
  });
  started.push(opened);
  expect(await opened.nextLine()).toBe("open");
  return opened;
}

async function closeProcess(opened: NodeProcess): Promise<void> {
  opened.kill("SIGTERM");
  expect(await opened.exited).toBe(0);
}

async function postmasterPid(): Promise<number | null> {
  const text = await readFile(path.join(dataDir, "pg", "postmaster.pid"), "utf8").catch(() => null);
  return text === null ? null : Number.parseInt(text, 10);
}

/** Ended processes that nobody has waited for count as gone: they run no more. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return status !== null && !/\) [ZX] /.test(status);
}

async function killAndAwait(pid: number): Promise<void> {
  if (!(await isRunning(pid))) return;
  process.kill(pid, "SIGKILL");
  await eventually(async () => !(await isRunning(pid)));
}

test("the first start makes a database in an empty folder, and the last one out stops it", async () => {
  const opened = await openInProcess();
  const postmaster = (await postmasterPid()) ?? 0;
  expect(await isRunning(postmaster)).toBe(true);
  await closeProcess(opened);
  expect(await postmasterPid()).toBeNull();
  await eventually(async () => !(await isRunning(postmaster)));
  expect(await readdir(dataDir)).toEqual(["pg"]);
});

test("three processes at once on an empty folder share one Postgres, which stays for the last", async () => {
  const [first, second, third] = await Promise.all([
    openInProcess(),
    openInProcess(),
    openInProcess(),
  ]);
  const postmaster = await postmasterPid();
  await closeProcess(first);
  await closeProcess(second);
  expect(await postmasterPid()).toBe(postmaster);
  third.kill("SIGUSR1");
  expect(await third.nextLine()).toBe("shops 0");
  await closeProcess(third);
  expect(await postmasterPid()).toBeNull();
  expect(await readdir(dataDir)).toEqual(["pg"]);
});

test("a process that starts while the last one leaves gets a Postgres that stays", async () => {
  let leaving = await openInProcess();
  for (let round = 0; round < 4; round++) {
    leaving.kill("SIGTERM");
    const arriving = await openInProcess();
    expect(await leaving.exited).toBe(0);
    arriving.kill("SIGUSR1");
    expect(await arriving.nextLine()).toBe("shops 0");
    leaving = arriving;
  }
  await closeProcess(leaving);
  expect(await postmasterPid()).toBeNull();
});

test("after the app was killed its Postgres is joined, and no committed row is lost", async () => {
  const killed = await openInProcess();
  const postmaster = await postmasterPid();
  await addShop();
  await killAndAwait(killed.pid);
  const next = await openInProcess();
  expect(await postmasterPid()).toBe(postmaster);
  next.kill("SIGUSR1");
  expect(await next.nextLine()).toBe("shops 1");
  await closeProcess(next);
  expect(await postmasterPid()).toBeNull();
});

test("after app and Postgres were killed together the next start recovers every committed row", async () => {
  const killed = await openInProcess();
  await addShop();
  const postmaster = (await postmasterPid()) ?? 0;
  process.kill(postmaster, "SIGKILL");
  await killAndAwait(killed.pid);
  const next = await openInProcess();
  expect(await postmasterPid()).not.toBe(postmaster);
  next.kill("SIGUSR1");
  expect(await next.nextLine()).toBe("shops 1");
  await closeProcess(next);
});

test("a start that was killed while it made the database leaves no half of one", async () => {
  await mkdir(path.join(dataDir, "pg.draft-999999999", "base"), { recursive: true });
  await closeProcess(await openInProcess());
  expect(await readdir(dataDir)).toEqual(["pg"]);
});

test("a folder whose path is too long for a socket works too", async () => {
  dataDir = path.join(home, "a-long-name-".repeat(10));
  await closeProcess(await openInProcess());
  expect(await postmasterPid()).toBeNull();
});

test("the embedded database listens on no port and belongs to its user alone", async () => {
  await openInProcess();
  const folder = path.join(dataDir, "pg");
  const client = new pg.Client({ host: folder, user: "postgres", database: "postgres" });
  await client.connect();
  const { rows } = await client.query(
    `select current_setting('listen_addresses') as addresses, current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as commit, current_setting('full_page_writes') as pages`,
  );
  await client.end();
  expect(rows).toEqual([{ addresses: "", fsync: "on", commit: "on", pages: "on" }]);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(path.join(folder, ".s.PGSQL.5432"))).mode & 0o777).toBe(0o700);
});

test.runIf(isRoot)("a normal user's database is later opened by root as that user's", async () => {
  await mkdir(dataDir);
  await chown(dataDir, NOBODY, NOBODY);
  await closeProcess(await openInProcess({ uid: NOBODY, gid: NOBODY }));
  expect((await stat(path.join(dataDir, "pg"))).uid).toBe(NOBODY);
  await closeProcess(await openInProcess());
  await closeProcess(await openInProcess({ uid: NOBODY, gid: NOBODY }));
});

test.runIf(isRoot)("root is told which folder Postgres may not enter, and what to do", async () => {
  await chmod(home, 0o700);
  await expect(startEmbeddedPostgres(dataDir)).rejects.toThrow(`chmod o+x ${home}`);
});

async function addShop(): Promise<void> {
  const client = new pg.Client({
    host: path.join(dataDir, "pg"),
    user: "postgres",
    database: "postgres",
  });
  client.on("error", () => {});
  await client.connect();
  await client.query(
    "insert into shop (domain, lane, state, pixel_key) values ('a.myshopify.com', 1, 'installed', 'k')",
  );
  await client.end();
}
