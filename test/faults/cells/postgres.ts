import { setTimeout as wait } from "node:timers/promises";
import { dropOldRows } from "#app/outbox/drop-old-rows.server.ts";
import { shortenChangedShops } from "#app/outbox/payload-retention.server.ts";
import { expireEvents } from "#app/outbox/upkeep.server.ts";
import { ensurePartitions } from "#app/platform/tables/partitions.server.ts";
import type { Cell } from "#test/faults/cell.ts";
import type { Installation } from "#test/faults/installation.ts";
import type { Scene } from "#test/faults/scene.ts";
import { eventually } from "#test/support/poll.ts";

/** How long Postgres is away, by the seed. */
const AWAY_MS = [200, 1_500] as const;

async function stopAndStart(scene: Scene, signal: "SIGKILL" | "SIGQUIT" | "SIGINT"): Promise<void> {
  const { installation, random } = scene;
  await installation.endPostgres(signal);
  await wait(random.integer(...AWAY_MS));
  await installation.startPostgres();
}

export const postgresCells: Cell[] = [
  {
    name: "Postgres: immediate stop",
    kind: "Postgres",
    isQuick: true,
    fault: (scene) => stopAndStart(scene, "SIGQUIT"),
  },
  {
    name: "Postgres: kill -9",
    kind: "Postgres",
    fault: (scene) => stopAndStart(scene, "SIGKILL"),
  },
  {
    name: "Postgres: fast restart",
    kind: "Postgres",
    fault: (scene) => stopAndStart(scene, "SIGINT"),
  },
  {
    name: "Postgres: kill -9 together with a worker and a web process",
    kind: "Postgres",
    isQuick: true,
    async fault(scene) {
      const { webs, workers } = scene.installation;
      const killed = [webs[0], workers[0]].map((app) => app?.end("SIGKILL"));
      await Promise.all([...killed, stopAndStart(scene, "SIGKILL")]);
    },
  },
  {
    name: "Postgres: three crashes in a row",
    kind: "Postgres",
    async fault(scene) {
      for (let crash = 0; crash < 3; crash += 1) {
        await stopAndStart(scene, "SIGQUIT");
        await scene.untilSomeMoment();
      }
    },
  },
  {
    name: "Postgres: all backends terminated, five times",
    kind: "Postgres",
    isQuick: true,
    async fault({ installation, random, client }) {
      for (let times = 0; times < 5; times += 1) {
        // Everybody connects anew at once, so there may be no place left for a moment.
        await eventually(() =>
          installation.db.upkeep.pool.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
              where backend_type = 'client backend' and pid <> pg_backend_pid()`,
          ),
        );
        await client.untilMore(random.integer(5, 25));
      }
    },
  },
  {
    name: "Postgres: statements stall for 5 s behind a lock",
    kind: "Postgres",
    fault: ({ installation }) => lockTables(installation, "access exclusive", 5_000),
  },
  {
    name: "Postgres: stands still for 8 s, and goes on",
    kind: "Postgres",
    async fault({ installation }) {
      const pids = await pidsOfPostgres(installation);
      for (const pid of pids) signal(pid, "SIGSTOP");
      await wait(8_000);
      for (const pid of pids) signal(pid, "SIGCONT");
    },
  },
  {
    name: "Postgres: read-only for a while",
    kind: "Postgres",
    async fault({ installation, client }) {
      await setReadOnly(installation, true);
      await wait(2_000);
      await setReadOnly(installation, false);
      await client.untilMore(20);
    },
  },
  {
    name: "Postgres: a backup is read beside the nightly jobs",
    kind: "Postgres",
    async fault({ installation }) {
      const { upkeep } = installation.db;
      await Promise.all([
        readBackup(installation),
        dropOldRows({ db: upkeep }),
        shortenChangedShops({ db: upkeep }),
        expireEvents({ db: upkeep }),
        ensurePartitions(upkeep.pool, 30_000),
      ]);
    },
  },
  {
    name: "Postgres: a checkpoint and vacuum at every moment",
    kind: "Postgres",
    async fault({ installation, client }) {
      for (let times = 0; times < 4; times += 1) {
        await installation.asSuperuser(["checkpoint", "vacuum analyze event, due_account"]);
        await client.untilMore(10);
      }
    },
  },
];

async function lockTables({ db }: Installation, mode: string, ms: number): Promise<void> {
  await db.upkeep.transaction(async (client) => {
    await client.query(`lock table event, due_account in ${mode} mode`);
    await wait(ms);
  });
}

async function setReadOnly(installation: Installation, isReadOnly: boolean): Promise<void> {
  await installation.asSuperuser([
    "set transaction_read_only = off",
    `alter system set default_transaction_read_only = ${isReadOnly ? "on" : "off"}`,
    "select pg_reload_conf()",
  ]);
}

/** As pg_dump does: one snapshot, every table locked against changes of its form, and read whole. */
async function readBackup({ db }: Installation): Promise<void> {
  await db.upkeep.transaction(async (client) => {
    await client.query("set transaction isolation level repeatable read, read only");
    const { rows } = await client.query<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c
        where c.relkind in ('r', 'p') and c.relnamespace in ('public'::regnamespace)`,
    );
    for (const { name } of rows) await client.query(`lock table ${name} in access share mode`);
    for (const { name } of rows) {
      await client.query(`select count(t::text) from only ${name} t`);
      await wait(20);
    }
  });
}

async function pidsOfPostgres({ db, postgresPid }: Installation): Promise<number[]> {
  const { rows } = await db.upkeep.pool.query<{ pid: number }>("select pid from pg_stat_activity");
  return [(await postgresPid()) ?? 0, ...rows.map(({ pid }) => pid)];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    if (pid > 0) process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
