import type { Registry } from "prom-client";
import type { Database } from "#app/platform/db.server.ts";
import { registerDatabaseGauge } from "#app/platform/metrics.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { actOnRequests } from "./act-on-requests.server.ts";
import { keepNoLonger } from "./keep-no-longer.server.ts";
import { DUE_DAYS, LATE_DAYS, type PrivacyServices } from "./privacy-request.server.ts";

/** Acts on requests within about a minute, and each night ends what is kept past its time. */
export async function schedulePrivacy({
  db: { upkeep, queryAsShop },
  queue,
  ...services
}: Omit<PrivacyServices, "db"> & {
  db: Pick<Database, "upkeep" | "queryAsShop">;
  queue: Pick<Queue, "schedule">;
}): Promise<void> {
  const db = { ...upkeep, queryAsShop };
  await queue.schedule("act-on-privacy-requests", "* * * * *", async () => {
    await actOnRequests({ db, ...services });
  });
  await queue.schedule("end-privacy-retention", "50 3 * * *", async () => {
    const { shops } = await keepNoLonger({ db });
    if (shops > 0) services.log.info({ shops }, "tokens and keys of shops that left were deleted");
  });
}

/** Counts the requests that need a person: nothing else shows that one fails again and again. */
export function registerPrivacyGauge(
  registry: Registry,
  { db, log }: Pick<PrivacyServices, "log"> & { db: Pick<Database, "pool"> },
): void {
  registerDatabaseGauge(registry, log, {
    name: "privacy_requests_late",
    help: `Requests about personal data that are not done ${LATE_DAYS} days after they came; each is due after ${DUE_DAYS}`,
    async read() {
      const { rows } = await db.pool.query<{ n: number }>(
        `select count(*)::integer as n from compliance_request
          where state = 'recorded' and received_at < now() - interval '${LATE_DAYS} days'`,
      );
      return [{ value: rows[0]?.n ?? 0 }];
    },
  });
}
