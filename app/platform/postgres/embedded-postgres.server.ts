import { createHash } from "node:crypto";
import { chmod, chown, mkdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { createCluster, launchPostgres, loadBinaries } from "./postgres-process.server.ts";
import { choosePostgresUser, findClosedFolder, type PostgresUser } from "./postgres-user.server.ts";

/** A Postgres that this process started or joined. */
export interface EmbeddedPostgres {
  connection: { host: string; port: number; user: string; database: string; ssl: false };
  /** Leaves; the last one out stops Postgres. The caller's own connections must be closed. */
  stop(): Promise<void>;
}

/** `message` says what an operator can do. */
export class EmbeddedPostgresError extends Error {
  override name = "EmbeddedPostgresError";
  code = "embedded_postgres_failed";
}

/** Long enough for crash recovery after a power cut under load. */
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 10_000;
const LEAVE_DEADLINE_MS = 500;
const POLL_MS = 25;
const PORT = 5432;
const MAX_SOCKET_PATH_BYTES = 107;
/** Every process holds this lock shared while it lives; who gets it alone is the last one. */
const PRESENCE_LOCK = 7_207_001;

/**
 * Starts Postgres in `<dataDir>/pg`, or joins the one that runs there: several processes (the app,
 * a worker, the command line) may use one folder, and nobody owns it. It listens on a Unix socket
 * inside the folder and nowhere else. It outlives a killed process, and the next start joins it.
 *
 * @throws EmbeddedPostgresError
 */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const home = path.resolve(dataDir);
  const folder = path.join(home, "pg");
  await mkdir(home, { recursive: true });
  const user = await choosePostgresUser(folder);
  if (user !== null) await openTheWay(home, folder, user);
  const socketFolder = await prepareSocketFolder(folder, user);
  const connection = {
    host: socketFolder,
    port: PORT,
    user: "postgres",
    database: "postgres",
    ssl: false as const,
  };

  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const presence = await joinPostgres(connection);
    if (presence === "starting") await wait(POLL_MS);
    else if (presence !== null) {
      return { connection, stop: () => leavePostgres(presence, connection, folder) };
    } else {
      await createCluster(folder, user);
      const failure = await launchPostgres({ folder, socketFolder, port: PORT, user });
      // Another process was faster, or the children of a killed Postgres are still leaving.
      if (failure !== null && !/shared memory block|lock file|starting up/.test(failure)) {
        throw new EmbeddedPostgresError(`Postgres does not start in ${folder}:\n${failure}`);
      }
      await wait(POLL_MS);
    }
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `Postgres does not answer in ${folder}; its log is ${path.join(folder, "server.log")}`,
      );
    }
  }
}

/** The user that Postgres runs as has to reach the data folder and the programs. */
async function openTheWay(home: string, folder: string, user: PostgresUser): Promise<void> {
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

/** The data folder, unless its path is too long for a socket: then a private one elsewhere. */
async function prepareSocketFolder(folder: string, user: PostgresUser | null): Promise<string> {
  const socket = path.join(folder, `.s.PGSQL.${PORT}`);
  if (Buffer.byteLength(socket) <= MAX_SOCKET_PATH_BYTES) return folder;
  const hash = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const elsewhere = path.join(tmpdir(), `pinrelay-${hash}`);
  await mkdir(elsewhere, { recursive: true, mode: 0o700 });
  const { uid } = await stat(elsewhere);
  if (user !== null && uid === process.getuid?.()) await chown(elsewhere, user.uid, user.gid);
  else if (uid !== (user?.uid ?? process.getuid?.())) {
    // Whoever made it first could pose as our database.
    throw new EmbeddedPostgresError(
      `${elsewhere} belongs to somebody else; choose a shorter DATA_DIR`,
    );
  }
  return elsewhere;
}

/** The connection that holds this process's presence; null when nobody answers. */
async function joinPostgres(
  connection: EmbeddedPostgres["connection"],
): Promise<pg.Client | "starting" | null> {
  const client = new pg.Client({ ...connection, application_name: "pinrelay presence" });
  // When Postgres dies later, the pool's next query says so; this connection has nobody to tell.
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

async function leavePostgres(
  presence: pg.Client,
  connection: EmbeddedPostgres["connection"],
  folder: string,
): Promise<void> {
  await presence.end().catch(() => {});
  const client = new pg.Client(connection);
  client.on("error", () => {});
  try {
    await client.connect();
    if (await isLastOne(client)) await stopPostgres(folder);
  } catch {
    // Nobody answers: somebody else has stopped it, or it died. Either way there is nothing to stop.
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Our own closed connections take a moment to leave. The lock stays with this connection until
 * Postgres is gone: a process that starts meanwhile waits for it, is cut off, and starts Postgres.
 */
async function isLastOne(client: pg.Client): Promise<boolean> {
  const deadline = Date.now() + LEAVE_DEADLINE_MS;
  while (Date.now() < deadline) {
    const { rows } = await client.query(
      `select pg_try_advisory_lock($1) and not exists (
        select from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()) as is_last`,
      [PRESENCE_LOCK],
    );
    if (rows[0].is_last) return true;
    await client.query("select pg_advisory_unlock_all()");
    await wait(POLL_MS);
  }
  return false;
}

async function stopPostgres(folder: string): Promise<void> {
  const pidFile = path.join(folder, "postmaster.pid");
  const pid = Number.parseInt(await readFile(pidFile, "utf8"), 10);
  process.kill(pid, "SIGINT");
  const deadline = Date.now() + STOP_DEADLINE_MS;
  while (Date.now() < deadline) {
    // Removed as the last act, when all is on disk.
    if ((await stat(pidFile).catch(() => null)) === null) return;
    await wait(POLL_MS);
  }
}
