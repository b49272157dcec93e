import type { Registry } from "prom-client";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { registerDatabaseGauge, type Sample } from "#app/platform/metrics.server.ts";

/** A token is renewed at half of its time: one that is so close to its end cannot be renewed. */
const EXPIRING = "3 days";

/** Shows how many shops send, and how many will stop, without a word of which. */
export function registerConnectionGauges(
  registry: Registry,
  { db, log }: { db: Pick<Database, "pool">; log: Logger },
): void {
  registerDatabaseGauge(registry, log, {
    name: "connections",
    help: "Connections of installed shops to Pinterest by state, and by why they are paused",
    labelNames: ["state", "reason"],
    async read() {
      const { rows } = await db.pool.query<{ state: string; reason: string; n: number }>(
        `select c.state, coalesce(c.pause_reason, '') as reason, count(*)::integer as n
          from connection c join shop s on s.id = c.shop_id and s.state = 'installed' group by 1, 2`,
      );
      return rows.map(({ n, ...labels }): Sample => ({ labels, value: n }));
    },
  });
  registerDatabaseGauge(registry, log, {
    name: "token_expiring_shops",
    help: `Shops that send, whose sign-in with Pinterest ends within ${EXPIRING}`,
    async read() {
      const { rows } = await db.pool.query<{ n: number }>(
        `select count(*)::integer as n from connection c
          join shop s on s.id = c.shop_id and s.state = 'installed'
          where c.state = 'active' and c.token_expires_at < now() + interval '${EXPIRING}'`,
      );
      return [{ value: rows[0]?.n ?? 0 }];
    },
  });
}
