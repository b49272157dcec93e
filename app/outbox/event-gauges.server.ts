import type { Registry } from "prom-client";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { registerDatabaseGauge } from "#app/platform/metrics.server.ts";

/** The events that wait to be sent, for shops that send. */
export interface Backlog {
  events: number;
  /** Seconds since the oldest of them was stored; 0 when no event waits. */
  oldestSeconds: number;
}

/** A scrape must not hold a connection for longer. */
const TIMEOUT_MS = 5_000;

/** Reads every waiting event: use it for an operator's gauge, not for a request. */
export async function readBacklog({ db }: { db: Pick<Database, "transaction"> }): Promise<Backlog> {
  const { rows } = await db.transaction(
    (client) =>
      client.query<{ events: bigint; oldest: number | null }>({
        name: "read-backlog",
        text: `select count(*) as events,
            extract(epoch from now() - min(e.created_at))::float8 as oldest
          from event e join connection c on c.shop_id = e.shop_id and c.state = 'active'
          where e.state in ('held', 'pending')`,
      }),
    { statementTimeoutMs: TIMEOUT_MS },
  );
  return { events: Number(rows[0]?.events ?? 0), oldestSeconds: Math.max(rows[0]?.oldest ?? 0, 0) };
}

/**
 * Shows how many events the table holds by state, from the planner's own statistics: to count them
 * would read the whole table at each scrape.
 */
export function registerEventRowsGauge(
  registry: Registry,
  { db, log }: { db: Pick<Database, "pool">; log: Logger },
): void {
  registerDatabaseGauge(registry, log, {
    name: "event_state_rows",
    help: "Events in the database by state, as Postgres estimated them at its last analyze",
    labelNames: ["state"],
    async read() {
      const { rows } = await db.pool.query<{ state: string; n: number }>(
        `select v.state, round(c.reltuples * v.share)::float8 as n from pg_class c
          join pg_stats s on s.schemaname = current_schema() and s.tablename = c.relname and s.attname = 'state'
          cross join lateral unnest(s.most_common_vals::text::text[], s.most_common_freqs) v (state, share)
          where c.oid = 'event'::regclass and c.reltuples > 0`,
      );
      return rows.map(({ state, n }) => ({ labels: { state }, value: n }));
    },
  });
}
