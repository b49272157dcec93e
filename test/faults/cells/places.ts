import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import type { Cell } from "#test/faults/cell.ts";
import { startStandby } from "#test/faults/copy-cluster.ts";
import type { Installation } from "#test/faults/installation.ts";
import type { Scene } from "#test/faults/scene.ts";
import { endProcess } from "#test/support/end-process.ts";
import type { FreezableWay } from "#test/support/freezable-way.ts";
import { eventually } from "#test/support/poll.ts";

/** How long nothing comes through, or the disk stays full: a client gives up after 28 s. */
const AWAY_MS = 6_000;
const PATIENT = { deadlineMs: 60_000 };

function wayOf({ way }: Installation): FreezableWay {
  if (way === null) throw new Error("the installation has no way of its own");
  return way;
}

/** Resolves when a webhook was not acknowledged from now on: the fault has been noticed. */
async function untilRefused({ client }: Scene): Promise<void> {
  const since = Date.now();
  await eventually(
    () =>
      client.sent.some(({ tries }) =>
        tries.some(({ startedAt, status }) => startedAt >= since && status !== 200),
      ),
    PATIENT,
  );
}

const wayCells: Cell[] = [
  {
    name: "Postgres: every connection is half open, three times, and nobody tells",
    kind: "Postgres",
    own: { hasWay: true },
    async fault({ installation, client }) {
      const way = wayOf(installation);
      for (let times = 0; times < 3; times += 1) {
        way.freeze();
        way.thaw();
        await client.untilMore(40);
      }
    },
  },
  {
    name: "Postgres: its host is dark for 6 s",
    kind: "Postgres",
    own: { hasWay: true },
    async fault(scene) {
      const way = wayOf(scene.installation);
      way.freeze();
      await untilRefused(scene);
      await wait(AWAY_MS);
      way.thaw();
    },
  },
];

/** The primary goes, and the address leads to its standby, which has taken over. */
function promotion(name: string, goes: (installation: Installation) => Promise<void>): Cell {
  return {
    name: `Postgres: a standby is promoted after ${name}`,
    kind: "Postgres",
    own: { hasWay: true },
    plant: "the standby is not waited for, and is late",
    async fault(scene) {
      const { installation, client, isPlanted } = scene;
      const { folder, cluster, closing } = installation;
      const way = wayOf(installation);
      const home = path.join(folder.dataDir, "..", "standby");
      const standby = await startStandby(cluster, home, { isLate: isPlanted });
      closing.push(async () => {
        const pid = await folder.postmasterPid(standby.socketFolder);
        if (pid !== null) await endProcess(pid, "SIGQUIT");
      });
      await client.untilMore(40);
      if (isPlanted) {
        await standby.stopReceiving();
        await client.untilMore(40);
      }
      await goes(installation);
      await untilRefused(scene);
      await standby.promote();
      way.moveTo(standby.socketFolder);
      way.thaw();
    },
  };
}

const standbyCells: Cell[] = [
  promotion("the primary was killed", ({ endPostgres }) => endPostgres("SIGKILL")),
  promotion("the primary's host went dark", async (installation) => wayOf(installation).freeze()),
];

const DISK_MEGABYTES = 400;

/** Fills the disk, to the last byte. */
async function fill(file: string): Promise<void> {
  // It ends with "no space left", as it is meant to.
  await promisify(execFile)("dd", ["if=/dev/zero", `of=${file}`, "bs=1M"]).catch(() => {});
}

function fullDisk(name: string, whileFull: (scene: Scene) => Promise<void>): Cell {
  return {
    name: `Postgres: its disk is full, ${name}`,
    kind: "Postgres",
    own: { diskMegabytes: DISK_MEGABYTES },
    ...(process.getuid?.() !== 0 && { lack: "only root can mount a disk" }),
    async fault(scene) {
      const { folder, postgresPid, startPostgres } = scene.installation;
      const filler = path.join(folder.dataDir, "filler");
      await fill(filler);
      await whileFull(scene);
      await wait(AWAY_MS);
      await rm(filler);
      if ((await postgresPid()) === null) await startPostgres();
    },
  };
}

const diskCells: Cell[] = [
  fullDisk("and no table can grow", untilRefused),
  // Postgres ends, and does not come back until there is room.
  fullDisk("and its log cannot go on", async ({ installation }) => {
    // Each goes to the next file of the log, until there is no place for one.
    const hasFailed = () => installation.asSuperuser(["select pg_switch_wal()"]).catch(() => true);
    await eventually(hasFailed, PATIENT);
    await eventually(async () => (await installation.postgresPid()) === null, PATIENT);
  }),
];

export const placeCells: Cell[] = [...wayCells, ...standbyCells, ...diskCells];
