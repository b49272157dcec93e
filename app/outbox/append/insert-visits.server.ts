import type { PoolClient } from "pg";
import type { Visit } from "#app/events/visit.ts";
import { sealVisit } from "#app/outbox/visit-body.server.ts";
import type { DataKeys } from "#app/platform/keyring.server.ts";
import { inOrder } from "#app/platform/pool.server.ts";

/** What one event of a browser told of a checkout, for one of the keys that it is known by. */
export interface VisitRow {
  shopId: bigint;
  /** As `visitKey` makes it. */
  key: string;
  visit: Visit;
  /** The cart that was told beside a checkout. */
  cartToken: string | null;
  toldAtMs: number;
}

/** How long the order's webhook may take, before Shopify is asked whether there is an order. */
const CONFIRMED_WITHIN_MINUTES = 15;

/** SQL: the row in the statement is newer than the stored one; of two words at once, a refusal counts. */
const IS_NEWER = "(excluded.told_at, excluded.is_refused) > (visit.told_at, visit.is_refused)";

/**
 * SQL: a second browser reports the same form. The row then names neither: otherwise a stranger's
 * report with a date in the future would stay the newest, and be believed.
 */
const IS_OF_TWO = `visit.visit_key like 'signup:%' and visit.started_event_id <> excluded.started_event_id`;
const OF_TWO = "''";

/**
 * Bodies of one checkout arrive in any order, so the row is merged where it stands: the first ids
 * stay, the newest word on consent holds, and a click id outlives a page that knows none, but not
 * a refusal. A copy of a body changes nothing: a stranger who repeats one would keep what was told
 * for longer than we say.
 */
const INSERT_VISITS = `insert into visit (shop_id, visit_key, started_event_id, completed_event_id,
      completed_at, told_at, is_refused, body, click_id, check_at, cart_token)
    select shop_id, visit_key, started_id, completed_id, case when completed_id is not null then now() end,
      to_timestamp(told_ms / 1000.0), is_refused, substring($2::bytea from body_at for body_bytes),
      case when click_bytes > 0 then substring($2::bytea from click_at for click_bytes) end,
      case when completed_id is not null then now() + interval '${CONFIRMED_WITHIN_MINUTES} minutes' end,
      cart_token
    from json_to_recordset($1) as r(shop_id bigint, visit_key text, started_id text, completed_id text,
      told_ms double precision, is_refused boolean, body_at integer, body_bytes integer,
      click_at integer, click_bytes integer, cart_token text)
    order by shop_id, visit_key collate "C"
    on conflict (shop_id, visit_key) do update set
      started_event_id = case when ${IS_OF_TWO} then ${OF_TWO}
        else coalesce(visit.started_event_id, excluded.started_event_id) end,
      completed_event_id = coalesce(visit.completed_event_id, excluded.completed_event_id),
      completed_at = coalesce(visit.completed_at, excluded.completed_at),
      check_at = case when visit.completed_event_id is null then excluded.check_at else visit.check_at end,
      told_at = greatest(visit.told_at, excluded.told_at),
      is_refused = case when ${IS_NEWER} then excluded.is_refused else visit.is_refused end,
      body = case when ${IS_NEWER} then excluded.body else visit.body end,
      click_id = case
        when case when ${IS_NEWER} then excluded.is_refused else visit.is_refused end then null
        when ${IS_NEWER} then coalesce(excluded.click_id, visit.click_id)
        else coalesce(visit.click_id, excluded.click_id) end,
      cart_token = coalesce(excluded.cart_token, visit.cart_token),
      seen_at = now()
    where ${IS_NEWER} or (${IS_OF_TWO} and visit.started_event_id <> ${OF_TWO})
      or (visit.started_event_id is null and excluded.started_event_id is not null)
      or (visit.completed_event_id is null and excluded.completed_event_id is not null)
      or (visit.click_id is null and excluded.click_id is not null and not visit.is_refused)`;

/** Writes visits, encrypted, in the caller's transaction, and merges them with what is there. */
export async function insertVisits(
  { client, keys }: { client: PoolClient; keys: DataKeys },
  rows: readonly VisitRow[],
): Promise<void> {
  await inOrder(
    roundsOfUniqueKeys(rows).map((round) =>
      client.query({ name: "insert-visits", text: INSERT_VISITS, values: pack(keys, round) }),
    ),
  );
}

/** One statement must not touch a row twice; the statements run one after the other. */
function roundsOfUniqueKeys(rows: readonly VisitRow[]): VisitRow[][] {
  const rounds: Map<string, VisitRow>[] = [];
  for (const row of rows) {
    const key = `${row.shopId}\n${row.key}`;
    let round = rounds.find((taken) => !taken.has(key));
    if (round === undefined) {
      round = new Map();
      rounds.push(round);
    }
    round.set(key, row);
  }
  return rounds.map((round) => [...round.values()]);
}

/** All bytes go as one value, which the database cuts up. */
function pack(keys: DataKeys, rows: readonly VisitRow[]): [string, Buffer] {
  const bytes: Buffer[] = [];
  let next = 1;
  const append = (sealed: Buffer | null) => {
    const at = next;
    if (sealed !== null) bytes.push(sealed);
    next += sealed?.length ?? 0;
    return [at, sealed?.length ?? 0] as const;
  };
  const records = rows.map(({ shopId, key, visit, cartToken, toldAtMs }) => {
    const sealed = sealVisit(keys, { shopId, key }, visit);
    const [bodyAt, bodyBytes] = append(sealed.body);
    const [clickAt, clickBytes] = append(sealed.clickId);
    return {
      shop_id: shopId.toString(),
      visit_key: key,
      started_id: visit.startedEventId,
      completed_id: visit.completedEventId,
      told_ms: toldAtMs,
      is_refused: visit.consent.marketingAllowed === false,
      body_at: bodyAt,
      body_bytes: bodyBytes,
      click_at: clickAt,
      click_bytes: clickBytes,
      cart_token: cartToken,
    };
  });
  return [JSON.stringify(records), Buffer.concat(bytes)];
}
