import { spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
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

/**
 * Puts the temporary files of everything that we run into memory: the tests make and remove some
 * hundred thousand files of databases, and on a disk that is a fifth of what they cost. Where memory is
 * scarce nothing changes. Returns what to call at the end: the evidence of a failure stays until the
 * next run.
 */
export function openScratch(): (end: { isFailed: boolean }) => void {
  if (process.env.TMPDIR || !hasRoom()) return () => {};
  for (const name of readdirSync(MEMORY)) {
    if (isLeftOver(name)) rmSync(path.join(MEMORY, name), { recursive: true, force: true });
  }
  const folder = path.join(MEMORY, `pinrelay-run-${process.pid}`);
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
  mkdirSync(folder);
  // Where we are root, Postgres runs as another user.
  chmodSync(folder, 0o1777);
  if (!mayExecuteIn(folder)) {
    remove();
    return () => {};
  }
  process.env.TMPDIR = folder;
  return ({ isFailed }) => {
    if (!isFailed) remove();
  };
}

function hasRoom(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > ROOM_BYTES && process.availableMemory() > FREE_BYTES;
  } catch {
    return false;
  }
}

/** A container's memory is often mounted so that nothing in it may be run. */
function mayExecuteIn(folder: string): boolean {
  const script = path.join(folder, "probe");
  writeFileSync(script, "#!/bin/sh\n", { mode: 0o755 });
  return spawnSync(script).status === 0;
}

function isLeftOver(name: string): boolean {
  const pid = /^pinrelay-run-(\d+)$/.exec(name)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}
