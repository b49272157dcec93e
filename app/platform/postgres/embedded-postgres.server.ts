import { constants } from "node:fs";
import { access, chmod, lchown, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { LOGIN, makeLogin } from "./make-login.server.ts";
import {
  createCluster,
  launchPostgres,
  loadBinaries,
  signalPostgres,
} from "./postgres-process.server.ts";
import {
  choosePostgresUser,
  EmbeddedPostgresError,
  findClosedFolder,
  type PostgresUser,
  readOwnFile,
} from "./postgres-user.server.ts";

/** A Postgres that this process started or joined. */
export interface EmbeddedPostgres {
  connection: { host: string; port: number; user: string; database: string; ssl: false };
  /** Leaves; the last process to leave stops Postgres. The caller's own connections must be closed. */
  stop(): Promise<void>;
}

/** Enough for crash recovery after a power cut under load. */
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 10_000;
/** How long the presence of another process is looked for: our own takes a moment to end. */
const OTHERS_DEADLINE_MS = 500;
/** The same where no other process is present: connections of ours are ending, or `psql` has one. */
const LEAVE_DEADLINE_MS = 3_000;
const POLL_MS = 25;
const PORT = 5432;
const MAX_SOCKET_PATH_BYTES = 107;
/** The next step when Postgres does not start on an existing database. */
const WAYS_OUT =
  "make room if its disk is full, mend what else its log says, put a backup back, or set DATA_DIR to an empty folder (which begins without the shops, events and keys of this one)";
/**
 * Every process holds this lock shared while it lives; a process that gets it exclusively is the
 * last one.
 */
const PRESENCE_LOCK = 7_207_001;

/**
 * Starts Postgres in `<dataDir>/pg`, or joins the one that runs there: several processes (the app,
 * a worker, the command line) may use one folder, and none owns it. It listens only on a Unix
 * socket inside the folder. It outlives a killed process, and the next start joins it.
 *
 * @throws EmbeddedPostgresError
 */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const home = path.resolve(dataDir);
  const folder = path.join(home, "pg");
  const user = await named(home, () => prepareFolder(home, folder));
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const found = await findSocketFolder(folder, user);
    const host = found ?? folder;
    const presence = found === null ? null : await joinPostgres(connectionIn(host, "postgres"));
    if (presence === "starting") await wait(POLL_MS);
    else if (presence !== null) {
      await makeLogin(presence);
      const connection = connectionIn(host, LOGIN);
      return { connection, stop: () => leavePostgres(presence, { folder, host, user }) };
    } else {
      await named(home, () => createCluster(folder, user));
      const socketFolder = await makeSocketFolder(folder, user);
      const failure = await launchPostgres({ folder, socketFolder, port: PORT, user });
      // Another process was faster, or the children of a killed Postgres are still ending.
      if (failure !== null && !/shared memory block|lock file|starting up/.test(failure)) {
        throw new EmbeddedPostgresError(
          `Postgres does not start in ${folder}: ${WAYS_OUT}. Its log says:\n${failure}`,
        );
      }
      if (failure !== null && socketFolder !== folder) await rm(socketFolder, { recursive: true });
      await wait(POLL_MS);
    }
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `Postgres does not answer in ${folder}; its log is ${path.join(folder, "server.log")}`,
      );
    }
  }
}

async function prepareFolder(home: string, folder: string): Promise<PostgresUser | null> {
  await makeFolder(home);
  const user = await choosePostgresUser(folder);
  for (const target of [home, folder]) {
    await access(target, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
      if (target === home || error.code !== "ENOENT") throw error;
    });
  }
  if (user !== null) await allowTraversal(home, folder, user);
  return user;
}

/**
 * Creates folders one at a time: Node's own `recursive` tries for ever where a folder cannot be
 * made (`/proc`).
 */
async function makeFolder(target: string): Promise<void> {
  const isThere = await stat(target).catch(() => null);
  if (isThere?.isDirectory()) return;
  const parent = path.dirname(target);
  if (isThere === null && parent !== target) await makeFolder(parent);
  await mkdir(target).catch(async (error: NodeJS.ErrnoException) => {
    // Another process may have been faster; a file of that name remains a fault.
    const isFolder = (await stat(target).catch(() => null))?.isDirectory() ?? false;
    if (error.code !== "EEXIST" || !isFolder) throw error;
  });
}

/** Describes the system's error about the folder, with the name of the setting that can be changed. */
async function named<T>(home: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message, syscall } = error as NodeJS.ErrnoException;
    if (error instanceof EmbeddedPostgresError || !syscall) throw error;
    throw new EmbeddedPostgresError(
      `DATA_DIR ${home} cannot be used (${message}): set it to a folder that this process may write, or set DATABASE_URL.`,
      { cause: code },
    );
  }
}

function connectionIn(host: string, user: string): EmbeddedPostgres["connection"] {
  return { host, port: PORT, user, database: "postgres", ssl: false };
}

/** The user that Postgres runs as must be able to reach the data folder and the programs. */
async function allowTraversal(home: string, folder: string, user: PostgresUser): Promise<void> {
  await chmod(home, (await stat(home)).mode | 0o011);
  for (const target of [folder, loadBinaries().postgres]) {
    const closed = await findClosedFolder(target, user);
    if (closed !== null) {
      throw new EmbeddedPostgresError(
        `Postgres refuses to run as root, so it runs as ${user.name}, who may not enter ${closed}. ` +
          `Allow it (chmod o+x ${closed}), start as a normal user, or set DATABASE_URL.`,
      );
    }
  }
}

/** The line of Postgres' pid file that says where its socket is. */
const SOCKET_LINE = 4;

function isShortEnough(folder: string): boolean {
  return Buffer.byteLength(path.join(folder, `.s.PGSQL.${PORT}`)) <= MAX_SOCKET_PATH_BYTES;
}

/** Finds the socket's folder of the running Postgres; null when none runs. */
async function findSocketFolder(folder: string, user: PostgresUser | null): Promise<string | null> {
  if (isShortEnough(folder)) return folder;
  const lines = (await readOwnFile(path.join(folder, "postmaster.pid"), user))?.split("\n");
  return lines?.[SOCKET_LINE] || null;
}

/** Returns the data folder, or, if its path is too long for a socket, one with an unguessable name. */
async function makeSocketFolder(folder: string, user: PostgresUser | null): Promise<string> {
  if (isShortEnough(folder)) return folder;
  const elsewhere = await mkdtemp(path.join(tmpdir(), "pinrelay-"));
  if (user !== null) await lchown(elsewhere, user.uid, user.gid);
  return elsewhere;
}

/** The connection that marks this process as present; null when Postgres does not answer. */
async function joinPostgres(
  connection: EmbeddedPostgres["connection"],
): Promise<pg.Client | "starting" | null> {
  const client = new pg.Client({ ...connection, application_name: "pinrelay presence" });
  // If Postgres dies later, the pool's next query says so; this connection has no one to report it
  // to.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select pg_advisory_lock_shared($1)", [PRESENCE_LOCK]);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    const { code } = error as { code?: string };
    if (code === "ENOENT" || code === "ECONNREFUSED") return null;
    // 57P03: starting up or shutting down. 57P01 and a closed socket: it was stopped just now.
    if (code === "57P03" || code === "57P01" || code === "ECONNRESET" || code === "EPIPE") {
      return "starting";
    }
    if (code === undefined && /terminated/.test((error as Error).message)) return "starting";
    throw new EmbeddedPostgresError(
      `Postgres in ${connection.host} does not let us in: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

interface Running {
  folder: string;
  /** The folder of its socket. */
  host: string;
  user: PostgresUser | null;
}

async function leavePostgres(presence: pg.Client, running: Running): Promise<void> {
  await presence.end().catch(() => {});
  const client = new pg.Client(connectionIn(running.host, "postgres"));
  client.on("error", () => {});
  try {
    await client.connect();
    if (await isLastOne(client)) await stopPostgres(running);
  } catch {
    // No answer: another process has stopped it, or it died. Either way there is nothing to stop.
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Our own closed connections take a moment to end, on a busy machine a second. The lock stays with
 * this connection until Postgres is gone: a process that starts meanwhile waits for it, is cut off,
 * and starts Postgres.
 */
async function isLastOne(client: pg.Client): Promise<boolean> {
  const startedAt = Date.now();
  for (;;) {
    const { rows } = await client.query(
      `select pg_try_advisory_lock($1) as is_alone, not exists (
        select from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()) as is_idle`,
      [PRESENCE_LOCK],
    );
    const { is_alone: isAlone, is_idle: isIdle } = rows[0];
    if (isAlone && isIdle) return true;
    await client.query("select pg_advisory_unlock_all()");
    const deadline = isAlone ? LEAVE_DEADLINE_MS : OTHERS_DEADLINE_MS;
    if (Date.now() - startedAt > deadline) return false;
    await wait(POLL_MS);
  }
}

async function stopPostgres({ folder, host, user }: Running): Promise<void> {
  const pidFile = path.join(folder, "postmaster.pid");
  const pid = Number.parseInt((await readOwnFile(pidFile, user)) ?? "", 10);
  if (!(pid > 1)) return;
  await signalPostgres(pid, user);
  const deadline = Date.now() + STOP_DEADLINE_MS;
  while (Date.now() < deadline) {
    // Removed last, when all data is on disk.
    if ((await stat(pidFile).catch(() => null)) === null) break;
    await wait(POLL_MS);
  }
  if (host !== folder) await rm(host, { recursive: true, force: true });
}
