import { HAS_FAILED_SQL } from "#app/outbox/event-conditions.server.ts";
import { type RunOwner, type RunServices, storeRun } from "./store-run.server.ts";

/** Events that are to be sent again, as the merchant was shown them before. */
export interface ReplayRunChoice {
  /** Row ids, in the order in which they are to go. */
  rows: readonly bigint[];
  /** The filter as a URL's query, or null where rows were ticked. */
  query: string | null;
  /** The number of chosen events that are skipped, by reason. */
  leftOut: Readonly<Record<string, number>>;
  /** The same as in `NewRun`. */
  token: string | null;
}

/**
 * Starts to send refused and expired events of a shop again, under the ids they have. What
 * Pinterest has accepted never gets in, whatever `rows` says. Null when nothing is left.
 */
export async function startReplayRun(
  services: RunServices,
  owner: RunOwner,
  { rows, query, leftOut, token }: ReplayRunChoice,
): Promise<bigint | null> {
  return storeRun(services, owner, {
    kind: "replay",
    choice: { query, left_out: leftOut },
    token,
    async insertItems(client, runId) {
      const { rowCount } = await client.query(
        `insert into run_item (run_id, shop_id, state, place, event_id, event_name)
          select $1, $2, 'waiting', chosen.place - 1, e.event_id, e.kind
          from unnest($3::bigint[]) with ordinality as chosen (id, place)
          join event e on e.id = chosen.id
          where e.shop_id = $2 and ${HAS_FAILED_SQL}`,
        [runId, owner.shop.id, rows],
      );
      return rowCount ?? 0;
    },
  });
}
