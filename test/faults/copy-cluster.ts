import { execFile } from "node:child_process";
import { appendFile, chown, mkdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { launchPostgres } from "#app/platform/postgres/postgres-process.server.ts";
import { eventually } from "#test/support/poll.ts";

/** What says that a Postgres runs in a folder: that of the copied one does not run in the copy. */
const OF_THE_RUNNING = ["postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"];

export async function asSuperuser<T>(
  socketFolder: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const connectionString = `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(socketFolder)}`;
  const client = new pg.Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  return work(client).finally(() => client.end());
}

/** Copies a running Postgres' data folder to `target`, as pg_basebackup does. */
export async function copyCluster(cluster: string, target: string): Promise<void> {
  const copy = (from: string, to: string) => promisify(execFile)("cp", ["-a", from, to]);
  await asSuperuser(cluster, async (client) => {
    await client.query("select pg_backup_start('copy', true)");
    // A file may go while the folder is read: what it held comes by the log.
    await copy(cluster, target).catch(() => {});
    const { rows } = await client.query("select labelfile from pg_backup_stop(false)");
    const { uid, gid } = await stat(cluster);
    // All of the log until the end of the backup: without it the copy is none.
    await rm(path.join(target, "pg_wal"), { recursive: true });
    await copy(path.join(cluster, "pg_wal"), path.join(target, "pg_wal"));
    await writeFile(path.join(target, "backup_label"), rows[0].labelfile);
    await chown(path.join(target, "backup_label"), uid, gid);
    for (const name of OF_THE_RUNNING) await rm(path.join(target, name), { force: true });
  });
}

/** A Postgres that follows another one, by streaming replication. */
export interface Standby {
  socketFolder: string;
  /** Hears nothing of the primary any more. */
  stopReceiving(): Promise<void>;
  /** Takes writes from now on. */
  promote(): Promise<void>;
}

/**
 * Starts a copy that follows the primary, in `home`. From then on the primary confirms a commit when
 * the standby has it on its disk, too, unless `isLate`.
 */
export async function startStandby(
  primary: string,
  home: string,
  { isLate = false } = {},
): Promise<Standby> {
  const folder = path.join(home, "pg");
  const { uid, gid } = await stat(primary);
  await appendFile(path.join(primary, "pg_hba.conf"), "local replication all trust\n");
  await asSuperuser(primary, (client) => client.query("select pg_reload_conf()"));
  await mkdir(home);
  await copyCluster(primary, folder);
  const follow = `primary_conninfo = 'host=${primary} port=5432 user=postgres application_name=standby'\n`;
  await appendFile(path.join(folder, "postgresql.auto.conf"), follow);
  await writeFile(path.join(folder, "standby.signal"), "");
  await chown(path.join(folder, "standby.signal"), uid, gid);
  const user = { name: "postgres", uid, gid };
  const failure = await launchPostgres({ folder, socketFolder: folder, port: 5432, user });
  if (failure !== null) throw new Error(`the standby does not start:\n${failure}`);
  await eventually(() => asSuperuser(primary, isStreaming), { deadlineMs: 60_000 });
  if (!isLate) {
    await asSuperuser(primary, async (client) => {
      await client.query("alter system set synchronous_standby_names = 'standby'");
      await client.query("select pg_reload_conf()");
    });
    await eventually(() => asSuperuser(primary, isSynchronous), { deadlineMs: 60_000 });
  }
  return {
    socketFolder: folder,
    async stopReceiving() {
      await asSuperuser(folder, async (client) => {
        await client.query("alter system set primary_conninfo = ''");
        await client.query("select pg_reload_conf()");
      });
      const isAlone = async () => !(await asSuperuser(primary, isStreaming));
      await eventually(isAlone, { deadlineMs: 60_000 });
    },
    async promote() {
      await asSuperuser(folder, (client) => client.query("select pg_promote(true, 60)"));
    },
  };
}

async function isStreaming(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query("select from pg_stat_replication where state = 'streaming'");
  return rows.length === 1;
}

async function isSynchronous(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    "select from pg_stat_replication where sync_state = 'sync' and state = 'streaming'",
  );
  return rows.length === 1;
}
