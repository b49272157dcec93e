import os from "node:os";
import type { Database } from "#app/platform/db.server.ts";

export interface Machine {
  cores: number;
  cpu: string;
  memory_gb: number;
  /** Of the last minute before the run: above 0.5 or so, other work was going on. */
  load_average_at_start: number;
  node_version: string;
  postgres_version: string;
}

/** What a figure of this run depends on. */
export async function describeMachine({ db }: { db: Database }): Promise<Machine> {
  const { rows } = await db.pool.query("show server_version");
  return {
    cores: os.availableParallelism(),
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    memory_gb: Math.round(os.totalmem() / 1e9),
    load_average_at_start: os.loadavg()[0] ?? 0,
    node_version: process.version,
    postgres_version: rows[0].server_version,
  };
}
