import type { Registry } from "prom-client";
import type { Database } from "#app/platform/db.server.ts";
import { registerDatabaseGauge } from "#app/platform/metrics.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { deleteCredentials } from "#app/shops/remove-shop.server.ts";
import { actOnRequests } from "./act-on-requests.server.ts";
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

/** The days for which a merchant may download the answer to a customer's request. */
const ANSWER_DAYS = 30;
/** The days for which a body that names another shop than its sender is kept, to find out who sent it. */
const DISPUTED_DAYS = 30;
/** The years for which the record that a request was done is kept, without any personal data. */
const RECORD_YEARS = 2;

/** Ends what is kept past its time of requests, and of shops that have left. */
export async function keepNoLonger({
  db,
}: {
  db: Pick<Database, "pool" | "transaction">;
}): Promise<{ shops: number }> {
  await db.pool.query(
    `update compliance_request set answer = null
      where answer is not null and done_at < now() - interval '${ANSWER_DAYS} days'`,
  );
  await db.pool.query(
    `update compliance_request set body = null where state = 'disputed' and body is not null
      and received_at < now() - interval '${DISPUTED_DAYS} days'`,
  );
  await db.pool.query(
    `update compliance_request set body = null, waits_for = null, pinterest = 'given_up'
      where state = 'done' and (body is not null or waits_for is not null) and received_at < now() - interval '${DUE_DAYS} days'`,
  );
  await db.pool.query(
    `delete from compliance_request where state <> 'recorded'
      and received_at < now() - interval '${RECORD_YEARS} years'`,
  );
  return { shops: await deleteCredentials({ db }) };
}
