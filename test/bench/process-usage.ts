import { readFile } from "node:fs/promises";
import path from "node:path";

/** Length of the ticks of /proc, the same on every Linux that Node runs on. */
const TICK_MS = 10;

/** Processor time of one process, all its threads, in milliseconds; 0 where there is no /proc. */
export async function readCpuMs(pid: number): Promise<number> {
  const [own] = await readTicks(pid);
  return own * TICK_MS;
}

/** Resident memory of one process in MB (10^6 bytes). */
export function readRssMb(pid: number): Promise<number> {
  return readStatusMb(pid, "VmRSS");
}

/** The most that it ever was. */
export function readPeakRssMb(pid: number): Promise<number> {
  return readStatusMb(pid, "VmHWM");
}

async function readStatusMb(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const [, kilobytes = 0] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status) ?? [];
  return (Number(kilobytes) * 1_024) / 1e6;
}

/** Processor time of Postgres with all its processes, those that have ended included. */
export async function readPostgresCpuMs({ DATA_DIR }: { DATA_DIR: string }): Promise<number> {
  const pidFile = await readFile(path.join(DATA_DIR, "pg/postmaster.pid"), "utf8");
  const postmaster = Number.parseInt(pidFile, 10);
  const listed = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, "utf8").catch(
    () => "",
  );
  const [own, ended] = await readTicks(postmaster);
  const children = await Promise.all(listed.trim().split(" ").map(Number).map(readTicks));
  return (own + ended + children.reduce((sum, [ticks]) => sum + ticks, 0)) * TICK_MS;
}

/** Ticks of a process, and of its children that have ended. */
async function readTicks(pid: number): Promise<[own: number, ended: number]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name in brackets may hold anything; the third field follows it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const sum = (from: number) => Number(fields[from] ?? 0) + Number(fields[from + 1] ?? 0);
  return [sum(11), sum(13)];
}
