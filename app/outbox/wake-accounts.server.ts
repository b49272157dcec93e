import type { PoolClient } from "pg";
import { laneOf } from "#app/events/lane.ts";

/** Milliseconds that an event waits for others of its ad account, to share a request. */
export const BATCH_WINDOW_MS = 500;

/** Most events in one request to Pinterest; this many due end the wait at once. */
export const BATCH_SIZE = 1_000;

/** Makes ad accounts due: in half a second, or at once when a full batch is waiting. */
export async function wakeAccounts(
  client: PoolClient,
  freshByAccount: ReadonlyMap<string, number>,
): Promise<void> {
  if (freshByAccount.size === 0) return;
  const accounts = [...freshByAccount].map(([account, fresh]) => ({
    lane: laneOf(account),
    ad_account_id: account,
    fresh,
  }));
  await client.query({
    name: "wake-accounts",
    text: `insert into due_account (lane, ad_account_id, fresh, next_at)
      select lane, ad_account_id, fresh,
        now() + case when fresh >= ${BATCH_SIZE} then interval '0' else interval '${BATCH_WINDOW_MS} ms' end
      from json_to_recordset($1) as r(lane smallint, ad_account_id text, fresh integer)
      order by lane, ad_account_id
      on conflict (lane, ad_account_id) do update set
        fresh = due_account.fresh + excluded.fresh,
        next_at = case when due_account.fresh + excluded.fresh >= ${BATCH_SIZE}
          then least(due_account.next_at, now()) else least(due_account.next_at, excluded.next_at) end`,
    values: [JSON.stringify(accounts)],
  });
}
