import type pg from "pg";
import type { PartitionedTable } from "#app/platform/ensure-partitions.server.ts";
import { runDdl } from "./run-ddl.server.ts";

/**
 * Drops the partitions of past days, with their rows. Not `detach … concurrently`: Postgres refuses
 * it where there is a default partition.
 *
 * @throws TableBusyError
 */
export async function dropOldPartitions(
  pool: pg.Pool,
  table: PartitionedTable,
  keptDays: number,
  patienceMs: number,
): Promise<void> {
  const { rows: old } = await pool.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = $1::regclass and c.relname ~ '_\\d{8}$'
        and to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - $2::integer order by 1`,
    [table, keptDays],
  );
  const deadline = Date.now() + patienceMs;
  for (const { name } of old) {
    await runDdl(
      pool,
      `drop ${name}`,
      (client) => client.query(`drop table if exists ${name}`),
      Math.max(0, deadline - Date.now()),
    );
  }
}
