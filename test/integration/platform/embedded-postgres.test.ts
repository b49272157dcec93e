import { execFile } from "node:child_process";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "#app/platform/db.server.ts";
import { startEmbeddedPostgres } from "#app/platform/postgres/embedded-postgres.server.ts";
import { endProcess, isRunning } from "#test/support/end-process.ts";
import {
  type NodeProcess,
  type NodeProcessOptions,
  startNode,
} from "#test/support/node-process.ts";
import { eventually } from "#test/support/poll.ts";
import { prepareCluster } from "#test/support/prepared-cluster.ts";

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
  for (const { pid } of started) await endProcess(pid, "SIGKILL");
  const postmaster = await postmasterPid();
  if (postmaster !== null) await endProcess(postmaster, "SIGQUIT");
  await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
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

test("the first start makes a database in an empty folder, and the last one out stops it", async () => {
  const opened = await openInProcess();
  const postmaster = (await postmasterPid()) ?? 0;
  expect(await isRunning(postmaster)).toBe(true);
  await closeProcess(opened);
  expect(await postmasterPid()).toBeNull();
  await eventually(async () => !(await isRunning(postmaster)));
  expect(await readdir(dataDir)).toEqual(["pg"]);
});

test("a folder that can't be made or written is named, with what the system says of it", async () => {
  const file = path.join(home, "file");
  await writeFile(file, "");
  const places = ["/proc/x/y", "/proc/self/fd", "/dev/null", file, `${file}/below`];
  for (const place of [...places, path.join(home, "x".repeat(300))]) {
    const message = await startEmbeddedPostgres(place).then(
      () => "started",
      (error: Error) => `${error.name}: ${error.message}`,
    );
    const told = `EmbeddedPostgresError: DATA_DIR ${place} cannot be used (E`;
    expect(message.slice(0, told.length)).toBe(told);
    expect(message).toContain("set it to a folder that this process may write");
  }
});

test("whoever is told to take an empty folder is told what it begins without", async () => {
  await prepareCluster(dataDir);
  await writeFile(path.join(dataDir, "pg", "PG_VERSION"), "99\n");
  await expect(startEmbeddedPostgres(dataDir)).rejects.toThrow(
    /^Postgres does not start in .*an empty folder \(which begins without the shops, events and keys of this one\)/,
  );
  const tooLong = path.join(home, ...Array.from({ length: 6 }, () => "x".repeat(200)));
  await expect(startEmbeddedPostgres(tooLong)).rejects.toThrow(
    /^Postgres makes no database in .*, or set DATA_DIR to another folder\. It says:/,
  );
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
  await prepareCluster(dataDir);
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
  await prepareCluster(dataDir);
  const killed = await openInProcess();
  const postmaster = await postmasterPid();
  await addShop();
  await endProcess(killed.pid, "SIGKILL");
  const next = await openInProcess();
  expect(await postmasterPid()).toBe(postmaster);
  next.kill("SIGUSR1");
  expect(await next.nextLine()).toBe("shops 1");
  await closeProcess(next);
  expect(await postmasterPid()).toBeNull();
});

test("after app and Postgres were killed together the next start recovers every committed row", async () => {
  await prepareCluster(dataDir);
  const killed = await openInProcess();
  await addShop();
  const postmaster = (await postmasterPid()) ?? 0;
  process.kill(postmaster, "SIGKILL");
  await endProcess(killed.pid, "SIGKILL");
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
  await prepareCluster(dataDir);
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

test("the app is no superuser, also in a folder that an older version left to one", async () => {
  await prepareCluster(dataDir);
  const first = await openInProcess();
  await asSuperuser(
    "create table left_over (id bigint generated always as identity); create type mood as enum ('a')",
  );
  await closeProcess(first);
  const db = await openDatabase({ DATA_DIR: dataDir });
  const { rows } = await db.pool.query(
    `select rolsuper or rolcreaterole or rolbypassrls as powerful, (select array_agg(distinct r.rolname::text)
        from pg_class c join pg_roles r on r.oid = relowner where relnamespace = 'public'::regnamespace) as owners
      from pg_roles where rolname = current_user`,
  );
  expect(rows).toEqual([{ powerful: false, owners: ["pinrelay"] }]);
  expect(db.lack).toBeNull();
  await db.pool.query("drop table left_over; drop type mood");
  await db.close();
  const hba = await readFile(path.join(dataDir, "pg", "pg_hba.conf"), "utf8");
  expect(hba).not.toMatch(/^host/m);
});

test("where no role reads as a shop and none can be made, the tables are made and shops are apart", async () => {
  const postgres = await startEmbeddedPostgres(dataDir);
  await asSuperuser("drop role pinrelay_reader");
  const url = `postgresql://pinrelay@localhost/postgres?host=${encodeURIComponent(postgres.connection.host)}`;
  const db = await openDatabase({ DATABASE_URL: url, DATA_DIR: "unused" });
  await addShop();
  await asSuperuser(
    "insert into shop (domain, lane, state, pixel_key) values ('b.myshopify.com', 1, 'installed', 'l')",
  );
  expect(db.lack).toBeNull();
  const seen = await db.readAsShop(1n, (tx) => tx.shop.findMany());
  expect(seen.map(({ domain }) => domain)).toEqual(["a.myshopify.com"]);
  await db.close();
  await postgres.stop();
});

test.runIf(isRoot)(
  "as root no file is opened or given away through a link of Postgres' user",
  async () => {
    await prepareCluster(dataDir);
    const mine = path.join(home, "mine");
    await writeFile(mine, "of root", { mode: 0o600 });
    for (const name of ["server.log", "pg_hba.conf"]) {
      const link = path.join(dataDir, "pg", name);
      await rm(link, { force: true });
      await symlink(mine, link);
    }
    await expect(startEmbeddedPostgres(dataDir)).rejects.toThrow("Postgres does not start");
    expect(await readFile(mine, "utf8")).toBe("of root");
    expect((await stat(mine)).uid).toBe(0);
  },
);

test.runIf(isRoot)(
  "a data folder that became root's is given back to the database's user",
  async () => {
    await prepareCluster(dataDir);
    const folder = path.join(dataDir, "pg");
    const { uid } = await stat(folder);
    await promisify(execFile)("chown", ["-R", "0:0", folder]);
    await closeProcess(await openInProcess());
    expect((await stat(path.join(folder, "PG_VERSION"))).uid).toBe(uid);
  },
);

test.runIf(isRoot)(
  "a data folder of somebody else is named, with the user it belongs to",
  async () => {
    await mkdir(path.join(dataDir, "pg"), { recursive: true });
    const opened = startNode("test/support/database-process.ts", {
      uid: NOBODY,
      gid: NOBODY,
      env: { DATA_DIR: dataDir, TMPDIR: home },
    });
    await expect(opened.nextLine()).rejects.toThrow(
      /belongs to user 0, and this process is user 65534/,
    );
  },
);

async function asSuperuser(sql: string): Promise<void> {
  const client = new pg.Client({
    host: path.join(dataDir, "pg"),
    user: "postgres",
    database: "postgres",
  });
  client.on("error", () => {});
  await client.connect();
  await client.query(sql);
  await client.end();
}

const addShop = () =>
  asSuperuser(
    "insert into shop (domain, lane, state, pixel_key) values ('a.myshopify.com', 1, 'installed', 'k')",
  );
