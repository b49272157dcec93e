import type { Registry } from "prom-client";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { registerDatabaseGauge } from "#app/platform/metrics.server.ts";
import type { AlertFacts } from "./alert.server.ts";
import { CAUSE_IDS } from "./causes.server.ts";

/** An alert of a shop that lasts, or has ended. */
export interface StoredAlert {
  cause: string;
  facts: AlertFacts;
  begunAt: Date;
  endedAt: Date | null;
}

const MOST_LISTED = 100;

/** A shop's alerts, the latest first: those that last, or also those that ended. */
export async function listAlerts(
  { db }: { db: Pick<Database, "queryAsShop"> },
  shopId: bigint,
  { withEnded }: { withEnded: boolean },
): Promise<StoredAlert[]> {
  return db.queryAsShop<StoredAlert>(shopId, {
    text: `select cause, facts, begun_at as "begunAt", ended_at as "endedAt" from alert
      where shop_id = $1 and begun_at is not null and (ended_at is null or $2)
      order by begun_at desc, id desc limit ${MOST_LISTED}`,
    values: [shopId.toString(), withEnded],
  });
}

/** Counts the alerts that last, without a word of whose they are. */
export function registerAlertGauge(
  registry: Registry,
  { db, log }: { db: Pick<Database, "pool">; log: Logger },
): void {
  registerDatabaseGauge(registry, log, {
    name: "alerts_open",
    help: "Alerts that last, of all shops together",
    labelNames: ["cause"],
    async read() {
      const { rows } = await db.pool.query<{ cause: string; n: number }>(
        `select cause, count(*)::integer as n from alert
          where ended_at is null and begun_at is not null group by cause`,
      );
      return CAUSE_IDS.map((cause) => {
        return { labels: { cause }, value: rows.find((row) => row.cause === cause)?.n ?? 0 };
      });
    },
  });
}
