import { readFile, writeFile } from "node:fs/promises";

const MIB = 1_024;

/** MiB that a process holds, or held at its highest, as Linux counts them. */
export async function readMemoryMib(pid: number, field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / MIB;
}

/** Makes the kernel keep the highest mark anew from now on, and reads where it begins. */
export async function markMemoryMib(pid: number): Promise<number> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
  return readMemoryMib(pid, "VmRSS");
}
