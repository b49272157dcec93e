import { readFile } from "node:fs/promises";
import { eventually } from "./poll.ts";

/** Ended processes that nobody has waited for count as gone: they run no more. */
export async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return status !== null && !/\) [ZX] /.test(status);
}

/**
 * Returns when the process is gone. SIGQUIT ends a Postgres at once, with nothing written down.
 * SIGKILL is for one that is started again in the same folder: its shared memory stays until then,
 * else until the machine starts again, and no Postgres starts where too much of it has been left.
 */
export async function endProcess(pid: number, signal: "SIGKILL" | "SIGQUIT"): Promise<void> {
  if (!(await isRunning(pid))) return;
  process.kill(pid, signal);
  await eventually(async () => !(await isRunning(pid)));
}
