import type { Database } from "#app/platform/db.server.ts";

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
