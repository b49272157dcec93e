import type { Database } from "#app/platform/db.server.ts";
import { deleteCredentials } from "#app/shops/remove-shop.server.ts";
import { DUE_DAYS } from "./privacy-request.server.ts";

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
