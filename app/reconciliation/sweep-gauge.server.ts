import type { Registry } from "prom-client";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { registerDatabaseGauge } from "#app/platform/metrics.server.ts";

/** Shows that shops are no longer compared: the counter of missing orders rests then. */
export function registerSweepGauge(
  registry: Registry,
  { db, log }: { db: Pick<Database, "pool">; log: Logger },
): void {
  registerDatabaseGauge(registry, log, {
    name: "reconcile_lag_seconds",
    help: "Since the installed shop that has waited longest was compared with Shopify's orders",
    async read() {
      const { rows } = await db.pool.query<{ lag: number | null }>(
        `select extract(epoch from now() - min(coalesce(w.swept_at, s.installed_at)))::float8 as lag
          from order_sweep w join shop s on s.id = w.shop_id where s.state = 'installed'`,
      );
      return [{ value: Math.max(0, rows[0]?.lag ?? 0) }];
    },
  });
}
