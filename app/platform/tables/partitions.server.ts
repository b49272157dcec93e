import type pg from "pg";
import type { Registry } from "prom-client";
import type { Logger } from "#app/platform/logger.server.ts";
import { registerDatabaseGauge } from "#app/platform/metrics.server.ts";
import { runDdl, TableBusyError } from "./run-ddl.server.ts";

/** Partitioned tables, and how many days ahead their partitions are made. */
const DAYS_AHEAD = { receipt: 7, attempt: 7, event_payload: 40 };

export type PartitionedTable = keyof typeof DAYS_AHEAD;

/** Shows that tomorrow's rows will have a partition to go to. */
export function registerPartitionGauge(
  registry: Registry,
  { db, log }: { db: { pool: Pick<pg.Pool, "query"> }; log: Logger },
): void {
  registerDatabaseGauge(registry, log, {
    name: "day_partitions_ahead",
    help: "Days after today for which a table has its partition",
    labelNames: ["table"],
    async read() {
      const { rows } = await db.pool.query<{ table: string; days: number }>(
        `select parent as table, coalesce(max(to_date(right(c.relname, 8), 'YYYYMMDD')) - current_date, 0) as days
          from json_object_keys($1) parent left join pg_inherits i on i.inhparent = parent::regclass
            left join pg_class c on c.oid = i.inhrelid and c.relname ~ '_\\d{8}$' group by 1`,
        [JSON.stringify(DAYS_AHEAD)],
      );
      return rows.map(({ table, days }) => ({ labels: { table }, value: days }));
    },
  });
}

/** The default partition has rows of that day already and keeps them; or another process was faster. */
const NOTHING_TO_DO = new Set(["23514", "42P07"]);

/**
 * Makes the day partitions that are missing, from today in UTC. Returns those that it could not
 * make within `patienceMs`, because their table was in use: the default partition takes the rows of
 * such a day, so the app starts without them.
 */
export async function ensurePartitions(pool: pg.Pool, patienceMs = 2_000): Promise<string[]> {
  const { rows: missing } = await pool.query<{ parent: string; day: string; name: string }>(
    `select parent, current_date + day as day, name
      from json_each_text($1) ahead (parent, days), generate_series(0, days::integer) day,
        lateral (select parent || '_' || to_char(current_date + day, 'YYYYMMDD') as name) named
      where to_regclass(name) is null`,
    [JSON.stringify(DAYS_AHEAD)],
  );
  const deadline = Date.now() + patienceMs;
  const left: string[] = [];
  for (const { parent, day, name } of missing) {
    try {
      await runDdl(
        pool,
        `create ${name}`,
        (client) => client.query("select ensure_day_partitions($1, $2, $2)", [parent, day]),
        Math.max(0, deadline - Date.now()),
      );
    } catch (error) {
      if (error instanceof TableBusyError) left.push(name);
      else if (!NOTHING_TO_DO.has(String((error as { code?: unknown }).code))) throw error;
    }
  }
  return left;
}

/**
 * Drops the partitions of past days, with their rows. Not `detach … concurrently`: Postgres refuses
 * it where there is a default partition. Returns how many rows that were, by Postgres' estimate.
 *
 * @throws TableBusyError
 */
export async function dropOldPartitions(
  pool: pg.Pool,
  table: PartitionedTable,
  keptDays: number,
  patienceMs: number,
): Promise<number> {
  const { rows: old } = await pool.query<{ name: string; rows: number }>(
    `select c.oid::regclass::text as name, greatest(c.reltuples, 0)::float8 as rows from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = $1::regclass and c.relname ~ '_\\d{8}$'
        and to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - $2::integer order by 1`,
    [table, keptDays],
  );
  const deadline = Date.now() + patienceMs;
  let dropped = 0;
  for (const { name, rows } of old) {
    await runDdl(
      pool,
      `drop ${name}`,
      (client) => client.query(`drop table if exists ${name}`),
      Math.max(0, deadline - Date.now()),
    );
    dropped += rows;
  }
  return dropped;
}
