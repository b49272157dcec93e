import { spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

const MEMORY = "/dev/shm";
const GIB = 2 ** 30;
/** All suites at once fill about 3 GiB, and what they start has to fit beside it. */
const ROOM_BYTES = 6 * GIB;
const FREE_BYTES = 10 * GIB;
const DAY_MS = 86_400_000;

/**
 * Puts the temporary files of everything that we run into memory: the tests make and remove some
 * hundred thousand files of databases, and on a disk that is a fifth of what they cost. Where memory is
 * scarce, or refuses, nothing changes. Returns what to call at the end: the evidence of a failure stays
 * until the next run.
 */
export function openScratch(): (end: { isFailed: boolean }) => void {
  if (process.env.TMPDIR) return () => {};
  removeLeftOvers(MEMORY);
  const folder = hasRoom() ? makeScratch(MEMORY) : null;
  if (folder === null) return () => {};
  process.env.TMPDIR = folder;
  return ({ isFailed }) => {
    if (!isFailed) remove(folder);
  };
}

/** A folder in which programs may be run, or null where there can be none. */
export function makeScratch(memory: string): string | null {
  const folder = orNull(() =>
    mkdtempSync(path.join(memory, `pinrelay-run-${namespace()}-${process.pid}-`)),
  );
  if (folder === null) return null;
  const isFit = orNull(() => {
    // Where we are root, Postgres runs as another user.
    chmodSync(folder, 0o1777);
    return mayExecuteIn(folder);
  });
  if (isFit) return folder;
  remove(folder);
  return null;
}

/** Removes what runs that are over left in memory. */
export function removeLeftOvers(memory: string): void {
  for (const name of orNull(() => readdirSync(memory)) ?? []) {
    const folder = path.join(memory, name);
    if (orNull(() => isLeftOver(folder))) remove(folder);
  }
}

/** Everyone on the machine may write there, and containers may share it. */
function isLeftOver(folder: string): boolean {
  const [, itsNamespace, pid] = /^pinrelay-run-(\d+)-(\d+)-/.exec(path.basename(folder)) ?? [];
  if (pid === undefined) return false;
  const { uid, mtimeMs } = lstatSync(folder);
  if (uid !== process.getuid?.()) return false;
  // A process's number says nothing about processes of another namespace.
  const isOver = itsNamespace === namespace() && !existsSync(`/proc/${pid}`);
  return isOver || Date.now() - mtimeMs > DAY_MS;
}

/** The number of the namespace in which our process's number counts. */
function namespace(): string {
  return readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, "");
}

function hasRoom(): boolean {
  const isRoomy = orNull(() => {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > ROOM_BYTES && process.availableMemory() > FREE_BYTES;
  });
  return isRoomy ?? false;
}

/** A container's memory is often mounted so that nothing in it may be run. */
function mayExecuteIn(folder: string): boolean {
  const script = path.join(folder, "probe");
  writeFileSync(script, "#!/bin/sh\n", { mode: 0o755 });
  return spawnSync(script).status === 0;
}

function remove(folder: string): void {
  orNull(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }));
}

/** No run fails because its temporary files had to be on the disk, or because some of them stayed. */
function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
