import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { endProcess, isRunning } from "#test/support/end-process.ts";
import { prepareCluster } from "#test/support/prepared-cluster.ts";

/** A DATA_DIR of the test's own, and the Postgres that the app starts in it. */
export interface DataFolder {
  dataDir: string;
  /** Value of DATABASE_URL for processes that are to share the Postgres without owning it. */
  databaseUrl: string;
  /** Null when no Postgres runs, or one that is stopped. Default: in the folder's own database. */
  postmasterPid(cluster?: string): Promise<number | null>;
  /** At once, nothing written down. */
  crashPostgres(): Promise<void>;
  /** Everything the test's processes left, Postgres included. */
  remove(): Promise<void>;
}

/** `isPrepared`: with a migrated database, for a test of something else than a first start. */
export async function makeDataFolder({ isPrepared = false } = {}): Promise<DataFolder> {
  const home = await mkdtemp(path.join(tmpdir(), "pinrelay-process-"));
  // Postgres may run as another user, who has to pass through.
  await chmod(home, 0o711);
  const dataDir = path.join(home, "data");
  const socketFolder = path.join(dataDir, "pg");
  if (isPrepared) await prepareCluster(dataDir);
  const folder: DataFolder = {
    dataDir,
    databaseUrl: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(socketFolder)}`,
    async postmasterPid(cluster = socketFolder) {
      const file = path.join(cluster, "postmaster.pid");
      const text = await readFile(file, "utf8").catch(() => null);
      const pid = text === null ? Number.NaN : Number.parseInt(text, 10);
      return Number.isNaN(pid) || !(await isRunning(pid)) ? null : pid;
    },
    async crashPostgres() {
      const pid = await folder.postmasterPid();
      if (pid === null) throw new Error("no Postgres runs");
      await endProcess(pid, "SIGQUIT");
    },
    async remove() {
      const pid = await folder.postmasterPid();
      if (pid !== null) await endProcess(pid, "SIGQUIT");
      // The children of a Postgres that was killed write for a moment longer.
      await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
  return folder;
}
